"""A journal cut anywhere, as a crash may leave it, keeps all that was recorded before the cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.records.conftest import CHOICES, SETTINGS, WIDTH

from cnnsearch.errors import RunError
from cnnsearch.records.study import Study, create_study, open_study
from cnnsearch.records.trial import TrialRecord


def add_trial(study: Study) -> TrialRecord:
    """Begin a trial with one setting only: every byte of the journal is cut at, one by one."""
    return study.add_trial({WIDTH: SETTINGS[WIDTH]}, CHOICES, parameters=1, macs=1)


@pytest.fixture(scope="module")
def journal_lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Return the lines of a small run: trials of every kind of end, and one in progress."""
    journal = tmp_path_factory.mktemp("whole") / "study.journal"
    study = create_study(journal, {"val_accuracy": "max"})
    for number, state in enumerate(("complete", "diverged")):
        add_trial(study)
        study.report(number, 60, 0.5)
        study.end_trial(number, state, seconds={"total": 1.5}, message="ä line\nof two")  # type: ignore[arg-type]
    study.note(add_trial(study).number, attempts=2)
    study.note_study(winner={"trial": 0})
    return journal.read_bytes().splitlines(keepends=True)


@pytest.fixture(scope="module")
def trials_after(
    journal_lines: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> list[list[TrialRecord] | None]:
    """Return the trials that the first 0, 1, 2, ... whole lines tell of; None: no study yet."""
    journal = tmp_path_factory.mktemp("prefixes") / "study.journal"
    told: list[list[TrialRecord] | None] = [None]
    for count in range(1, len(journal_lines) + 1):
        journal.write_bytes(b"".join(journal_lines[:count]))
        told.append(open_study(journal).trials())
    return told


def test_a_cut_at_any_byte_costs_no_record_that_was_whole(
    tmp_path: Path, journal_lines: list[bytes], trials_after: list[list[TrialRecord] | None]
) -> None:
    journal, whole = tmp_path / "study.journal", b"".join(journal_lines)
    for cut in range(len(whole) + 1):
        journal.write_bytes(whole[:cut])
        lines = whole[:cut].count(b"\n")

        assert _trials(journal) == trials_after[lines], f"cut at {cut}"
        assert journal.read_bytes() == b"".join(journal_lines[:lines])


def test_the_small_run_has_every_record_that_a_cut_can_cost(
    trials_after: list[list[TrialRecord] | None],
) -> None:
    assert [trial.state for trial in trials_after[-1] or []] == ["complete", "diverged", "running"]
    assert len(trials_after) > 10


def test_after_a_cut_at_any_byte_recording_goes_on(
    tmp_path: Path, journal_lines: list[bytes], trials_after: list[list[TrialRecord] | None]
) -> None:
    journal = tmp_path / "study.journal"
    before = b"".join(journal_lines[:-3])
    line = journal_lines[-3]
    for cut in range(len(line)):
        journal.write_bytes(before + line[:cut])

        added = add_trial(open_study(journal, writing=True))

        assert added.number == len(trials_after[-4] or []), f"cut at {cut} of the line"
        assert open_study(journal).trials()[-1] == added


def test_a_reader_passes_over_a_line_that_is_still_being_written(
    study: Study, journal: Path
) -> None:
    add_trial(study)
    with journal.open("ab") as file:
        file.write(b'{"op_code":6,"worker')
    before = journal.read_bytes()

    assert [trial.number for trial in open_study(journal).trials()] == [0]
    assert journal.read_bytes() == before


def _trials(journal: Path) -> list[TrialRecord] | None:
    try:
        return open_study(journal, writing=True).trials()
    except RunError:
        return None
