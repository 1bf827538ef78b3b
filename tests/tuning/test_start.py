"""A run begins only when it can end, and goes on only as it was begun."""

from __future__ import annotations

import errno
import json
import random
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from cnnsearch.commands.starting import limits
from cnnsearch.errors import DataError, NothingFeasibleError, RunError, SpaceError
from cnnsearch.records import folder as folder_module
from cnnsearch.records.events import EventLog, RunClock, read_events
from cnnsearch.records.files import write_json
from cnnsearch.records.folder import FORMAT_VERSION, RunFolder
from cnnsearch.records.study import open_study
from cnnsearch.space import Override, draw, first_guess, load_space
from cnnsearch.tuning import start as start_module
from cnnsearch.tuning.start import extend_budget, reopen_run, start_run

Start = Callable[..., RunFolder]


@pytest.fixture
def start(tiny_space: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Return a function that starts a run over the tiny space, with overrides."""
    monkeypatch.chdir(tiny_space.parent)
    return lambda *overrides: start_run(load_space("tiny.yaml", overrides), Path("runs"), None)


def test_a_new_run_has_its_space_its_facts_and_an_empty_study(start: Start) -> None:
    folder = start("budget.trials=7", "search.seed=5")

    facts = folder.read_facts()
    assert folder.name == "tiny-1"
    assert load_space(folder.space_file) == load_space(
        "tiny.yaml",
        ["budget.trials=7", "search.seed=5", f"data.source={Path('tiny.npz').resolve()}"],
    )
    assert facts["dataset"]["name"] == "tiny"
    assert facts["dataset"]["shape"] == [12, 12, 1]
    assert (facts["dataset"]["train"], facts["dataset"]["validation"]) == (480, 120)
    assert (facts["dataset"]["test"], facts["dataset"]["classes"]) == (150, 3)
    assert (facts["seed"], facts["objectives"]) == (5, {"val_accuracy": "max"})
    assert facts["budget"]["trials"] == 7
    assert facts["worker_bytes"] > 12 * 12 * (480 + 120 + 150)  # its images, and a training
    assert {"cnnsearch", "tensorflow", "keras", "optuna", "python"} <= facts["versions"].keys()
    assert open_study(folder.journal).trials() == []
    assert open_study(folder.journal).maximize


def test_a_loss_makes_a_study_that_minimizes(start: Start) -> None:
    folder = start("objectives.val_accuracy=null", "objectives.val_loss=min")

    assert not open_study(folder.journal).maximize


@pytest.mark.parametrize(
    ("override", "error"),
    [
        ("constraints.parameters=1", NothingFeasibleError),
        ("data.source=absent.npz", DataError),
        ("architecture.stages.groups=3", SpaceError),
    ],
)
def test_a_run_that_cannot_be_leaves_no_folder(
    start: Start, override: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        start(override)

    assert not Path("runs").exists()


def test_a_run_that_cannot_be_written_whole_leaves_its_name_free(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(start_module, "write_run_facts", Mock(side_effect=full))
    with pytest.raises(OSError, match="No space left"):
        start()

    assert list(Path("runs").iterdir()) == []


def test_a_run_goes_on_as_it_was_begun(start: Start) -> None:
    folder = start("training.learning_rate=1e-5", "export.formats=[keras]", "budget.time=2m")

    reopen_run(folder)


def test_a_run_that_an_older_version_began_goes_on_whatever_a_new_one_would_be_refused_for(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = start()

    def refuse(*_: object) -> None:
        raise SpaceError("tiny.yaml", [])

    monkeypatch.setattr("cnnsearch.tuning.start.refuse_impossible", refuse)

    with pytest.raises(SpaceError):
        start()
    reopen_run(folder)


def test_a_run_whose_steps_were_counted_otherwise_is_not_searched_on(start: Start) -> None:
    folder = start()
    facts = folder.read_facts()
    del facts["step_images"]
    write_json(folder.run_file, facts)

    with pytest.raises(RunError, match="counted training steps otherwise") as caught:
        reopen_run(folder)

    assert f"cnnsearch run --from {folder.called}" in str(caught.value)


def test_a_winner_that_is_chosen_is_finished_however_its_steps_were_counted(start: Start) -> None:
    folder = start()
    facts = folder.read_facts()
    del facts["step_images"]
    write_json(folder.run_file, facts)
    open_study(folder.journal, writing=True).note_study(winner={"trial": 0})

    reopen_run(folder)


def test_a_finished_run_does_not_go_on(start: Start) -> None:
    folder = start()
    note_the_end(folder)

    with pytest.raises(RunError, match="the run tiny-1 is finished: `cnnsearch show tiny-1` tells"):
        reopen_run(folder)


def test_a_changed_space_is_refused_with_every_difference(start: Start) -> None:
    folder = start()
    text = folder.space_file.read_text(encoding="utf-8")
    text = text.replace("epochs: 20", "epochs: 30").replace("seed: 3", "seed: 4")
    folder.space_file.write_text(text, encoding="utf-8")

    with pytest.raises(RunError) as caught:
        reopen_run(folder)

    assert str(caught.value).splitlines() == [
        f"{folder.space_file} is not what the run began with:",
        "  training.epochs: was 20, is 30",
        "  search.seed: was 3, is 4",
        "put it back, or start a new run with it",
    ]


def test_a_setting_put_in_or_taken_out_is_a_difference(start: Start) -> None:
    folder = start()
    text = folder.space_file.read_text(encoding="utf-8")
    text = text.replace("  epochs: 20\n", "  label_smoothing: 0.1\n")
    folder.space_file.write_text(text, encoding="utf-8")

    with pytest.raises(RunError) as caught:
        reopen_run(folder)

    assert "  training.epochs: was 20, is None" in str(caught.value)
    assert "  training.label_smoothing: was None, is 0.1" in str(caught.value)


def test_other_data_under_the_same_name_is_refused(start: Start) -> None:
    folder = start()
    with np.load("tiny.npz") as arrays:
        changed = {name: array.copy() for name, array in arrays.items()}
    changed["x_train"][0, 0, 0] ^= 1
    np.savez("tiny.npz", **changed)

    with pytest.raises(RunError, match="the dataset tiny has changed since tiny-1 began; start a"):
        reopen_run(folder)


def test_the_facts_are_json_that_others_can_read(start: Start) -> None:
    folder = start()

    assert json.loads(folder.run_file.read_text(encoding="utf-8"))["version"] == FORMAT_VERSION


def test_a_run_can_be_given_other_limits(start: Start) -> None:
    folder = start("budget.time=3m", "budget.patience=1m")
    before = folder.read_facts()
    open_study(folder.journal, writing=True).note_study(search_ended={"reason": "time"})

    extend_budget(folder, limits("10m", 9, "95%", None))

    new = {"time_s": 600.0, "trials": 9, "target": 0.95}
    assert folder.read_facts() == {**before, "budget": {**before["budget"], **new}}
    assert before["budget"]["patience_s"] == 60
    assert open_study(folder.journal).facts()["search_ended"] is None  # it goes on
    reopen_run(folder)


def test_what_was_given_before_stays(start: Start) -> None:
    folder = start("budget.time=3m")
    extend_budget(folder, limits(None, 9, None, None))

    extend_budget(folder, limits("10m", None, None, None))

    assert folder.read_facts()["budget"]["trials"] == 9


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (limits("0", None, None, None), "--budget  budget.time  no time is left to search"),
        (limits(None, 0, None, None), "--trials  budget.trials  no trial is left to search"),
        (limits(None, None, "95", None), "--target  budget.target  no accuracy is more than 1"),
        (limits(None, None, None, "0s"), "--patience  budget.patience  every search would end at"),
    ],
)
def test_limits_that_end_nothing_or_everything_are_refused(
    start: Start, given: list[Override], words: str
) -> None:
    folder = start("budget.time=3m")

    with pytest.raises(SpaceError, match=words):
        extend_budget(folder, given)

    assert folder.read_facts()["budget"]["time_s"] == 180


def test_a_run_that_has_its_winner_searches_no_more(start: Start) -> None:
    folder = start()
    open_study(folder.journal, writing=True).note_study(winner={"trial": 0})

    with pytest.raises(RunError, match="`cnnsearch resume tiny-1` ends the run; to search more"):
        extend_budget(folder, limits("10m", None, None, None))


def test_a_run_in_progress_is_not_given_other_limits(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "_LOCK_PATIENCE_S", 0)
    folder = start("budget.time=3m")

    with folder.lock(), pytest.raises(RunError, match="is in progress in another process"):
        extend_budget(folder, limits("10m", None, None, None))

    assert folder.read_facts()["budget"]["time_s"] == 180


def test_a_run_goes_on_from_another_folder(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(start().path.resolve())
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    reopen_run(folder)


@pytest.mark.parametrize("name", ["run.json", "space.yaml", "study.journal", "events.jsonl"])
def test_a_file_cut_anywhere_is_told_by_name_or_the_run_goes_on(start: Start, name: str) -> None:
    folder = start()
    fill(folder)
    whole = (folder.path / name).read_bytes()
    cuts = random.Random(name).sample(range(len(whole)), 25)
    for length in (0, *cuts, len(whole) - 1):
        (folder.path / name).write_bytes(whole[:length])
        told = go_on(folder)

        assert told is None or (str(folder.path / name) in told and "start a new run" in told)


def test_a_journal_cut_between_two_lines_has_the_trials_before(start: Start) -> None:
    folder = start()
    fill(folder)
    lines = folder.journal.read_bytes().splitlines(keepends=True)
    folder.journal.write_bytes(b"".join(lines[:-1]) + lines[-1][:9])

    assert go_on(folder) is None
    assert [trial.number for trial in open_study(folder.journal).trials()] == [0, 1]


def note_the_end(folder: RunFolder) -> None:
    """Mark a run as finished."""
    study = open_study(folder.journal, writing=True)
    study.note_study(winner={"trial": 0}, tested={"correct": 1, "count": 1})
    folder.summary.write_text("{}")


def fill(folder: RunFolder) -> None:
    """Leave behind what a search of three trials does."""
    space = load_space(folder.space_file)
    candidate = draw(space, first_guess)
    study, log = open_study(folder.journal), EventLog(folder.events, RunClock())
    for _ in range(3):
        study.add_trial(candidate.settings, candidate.choices, parameters=1, macs=1)
        log.append(log.stamp("trial_started"))


def go_on(folder: RunFolder) -> str | None:
    """Read every file that a run goes on from; return why it cannot."""
    try:
        reopen_run(folder)
        open_study(folder.journal, writing=True).trials()
        read_events(folder.events)
    except RunError as error:
        return str(error)
    return None
