"""What was recorded of the trials is what is read, by us and by Optuna."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.records.conftest import SETTINGS, add_trial

from cnnsearch.errors import RunError
from cnnsearch.records.objectives import Direction
from cnnsearch.records.study import Study, create_study, open_study
from cnnsearch.records.trial import FAILURES, Failure, State

WAYS: tuple[Direction, ...] = ("max", "min")


def test_a_new_trial_is_running_with_its_settings_and_costs(study: Study, journal: Path) -> None:
    added = add_trial(study, parameters=61_706, macs=2_000_000)

    (read,) = open_study(journal).trials()
    assert read == added
    assert (read.number, read.state, read.attempts, read.finished) == (0, "running", 1, False)
    assert (read.parameters, read.macs) == (61_706, 2_000_000)
    assert read.settings == SETTINGS
    assert list(read.settings) == list(SETTINGS)
    assert (read.value, read.steps, read.message, read.batch_size) == (None, 0, None, None)
    assert read.started is not None


def test_a_new_trial_is_one_line_so_that_no_kill_can_cut_it_in_two(
    study: Study, journal: Path
) -> None:
    before = journal.read_bytes().count(b"\n")

    add_trial(study)

    assert journal.read_bytes().count(b"\n") == before + 1


def test_trials_are_numbered_from_zero(study: Study) -> None:
    assert [add_trial(study).number for _ in range(3)] == [0, 1, 2]
    assert [trial.number for trial in study.trials()] == [0, 1, 2]


@pytest.mark.parametrize("state", ["complete", "pruned", "stopped", *FAILURES])
def test_every_end_comes_back_with_its_looks_seconds_and_message(
    study: Study, journal: Path, state: State
) -> None:
    add_trial(study)
    study.report(0, 180, 0.75)
    study.report(0, 60, 0.5)
    study.note(0, attempts=2, batch_size=32)
    seconds = {"total": 3.5, "fit": 2.0, "evaluate": 1.0}

    ended = study.end_trial(0, state, seconds=seconds, message="the loss became nan by step 200")

    (read,) = open_study(journal).trials()
    assert read == ended == study.trials()[0]
    assert (read.state, read.finished, read.steps) == (state, True, 180)
    assert list(read.looks.items()) == [(60, 0.5), (180, 0.75)]
    assert read.value == 0.75
    assert read.seconds == seconds
    assert read.message == "the loss became nan by step 200"
    assert (read.attempts, read.batch_size) == (2, 32)


@pytest.mark.parametrize("state", ["pruned", "error"])
def test_a_trial_may_end_without_a_look(study: Study, state: State) -> None:
    add_trial(study)

    study.end_trial(0, state, seconds={})

    assert (study.trials()[0].state, study.trials()[0].value) == (state, None)
    assert study.ranking() == []


def test_a_trial_that_a_kill_left_half_ended_is_still_running(study: Study, journal: Path) -> None:
    add_trial(study)
    study.end_trial(0, "complete", seconds={}, message="of no account")
    *lines, _ = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines))

    (read,) = open_study(journal, writing=True).trials()

    assert (read.state, read.message) == ("running", None)


def test_the_best_look_is_the_value_whichever_way_is_better(tmp_path: Path) -> None:
    studies = {way: create_study(tmp_path / way, {"score": way}) for way in WAYS}
    for study in studies.values():
        add_trial(study)
        for step, value in [(60, 0.5), (180, 0.9), (540, 0.7)]:
            study.report(0, step, value)

    assert {way: study.trials()[0].value for way, study in studies.items()} == {
        "max": 0.9,
        "min": 0.5,
    }


@pytest.mark.parametrize(("way", "order"), [("max", [2, 0, 1]), ("min", [1, 0, 2])])
def test_the_ranking_is_best_first(tmp_path: Path, way: Direction, order: list[int]) -> None:
    study = create_study(tmp_path / "study.journal", {"score": way})
    for number, value in enumerate([0.5, 0.3, 0.7]):
        add_trial(study)
        study.report(number, 60, value)

    ranking = open_study(tmp_path / "study.journal").ranking()

    assert [trial.number for trial in ranking] == order
    assert study.best() == ranking[0]


def test_of_equals_the_smallest_ranks_first_and_of_equally_small_the_earliest(
    study: Study,
) -> None:
    for number, (parameters, macs) in enumerate([(900, 1), (500, 8), (700, 1), (500, 8), (500, 2)]):
        add_trial(study, parameters=parameters, macs=macs)
        study.report(number, 60, 0.5)

    assert [trial.number for trial in study.ranking()] == [4, 1, 3, 2, 0]


@pytest.mark.parametrize("failure", [each for each in FAILURES if each != "timed_out"])
def test_a_trial_that_failed_is_not_ranked_whatever_it_scored(
    study: Study, failure: Failure
) -> None:
    add_trial(study)
    study.report(0, 60, 0.99)
    study.end_trial(0, failure, seconds={})

    assert study.best() is None


def test_facts_of_the_study_are_kept_and_may_be_replaced(study: Study, journal: Path) -> None:
    study.note_study(winner={"trial": 3, "value": 0.9}, exports=[])
    study.note_study(exports=[{"format": "keras"}])

    assert open_study(journal).facts() == {
        "winner": {"trial": 3, "value": 0.9},
        "exports": [{"format": "keras"}],
    }


def test_a_study_that_another_process_writes_is_read_anew(study: Study, journal: Path) -> None:
    reader = open_study(journal)
    assert reader.trials() == []

    add_trial(study)
    study.report(0, 60, 0.5)
    running = reader.trials()
    study.end_trial(0, "pruned", seconds={})

    assert [trial.state for trial in running] == ["running"]
    assert [trial.state for trial in reader.trials()] == ["pruned"]


def test_a_missing_journal_is_told_and_not_made(journal: Path) -> None:
    with pytest.raises(RunError, match="is missing: the run has no record of its trials"):
        open_study(journal)

    assert not journal.exists()


@pytest.mark.parametrize(
    "line",
    [
        "5",
        "null",
        "[1]",
        '"x"',
        "{}",
        '{"op_code":99}',
        '{"op_code":4,"worker_id":"x"}',
        "\x00\x00",
    ],
)
def test_a_journal_damaged_in_the_middle_is_refused(study: Study, journal: Path, line: str) -> None:
    add_trial(study)
    first, *others = journal.read_text().splitlines()
    journal.write_text("\n".join([first, line, *others]) + "\n")

    with pytest.raises(RunError, match=r"study\.journal is damaged \(.+\); put it back"):
        open_study(journal, writing=True)


@pytest.mark.parametrize("content", ["", "not ours\n"])
def test_a_file_that_is_no_journal_is_refused(journal: Path, content: str) -> None:
    journal.write_text(content)

    with pytest.raises(RunError, match=r"is damaged \([^']+\)"):
        open_study(journal)


def test_a_trial_that_ran_out_of_time_can_win_with_what_it_was_scored(study: Study) -> None:
    scored, unscored = add_trial(study).number, add_trial(study).number
    study.report(scored, 60, 0.5)
    for number in (scored, unscored):
        study.end_trial(number, "timed_out", seconds={})

    assert [trial.failed for trial in study.trials()] == [False, True]
    assert [trial.number for trial in study.ranking()] == [scored]
