"""What a report tells is there for every run that can be read, and what is missing has a reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.results.conftest import MakeRun, add_event, add_trial
from tests.results.searched import CLASSES, searched_run

from cnnsearch.errors import RunError
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.trial import State
from cnnsearch.results.report import collect
from cnnsearch.results.report.curves import cost_front
from cnnsearch.results.report.predictions import NOT_KEPT, NOT_TESTED


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return searched_run(tmp_path_factory.mktemp("runs"), trials=12)


def test_a_finished_run_is_told_whole(finished: RunFolder) -> None:
    report = collect(finished)

    assert report["missing"] == {}
    assert report["shown_trial"] == report["summary"]["winner"]["trial"]
    assert report["labels"] == list(CLASSES)
    assert report["evaluation"]["correct"] == report["summary"]["test"]["correct"]
    assert report["network"]["classes"] == len(CLASSES)
    assert [front["cost"] for front in report["fronts"]] == ["parameters", "macs"]
    assert report["first_guess"]["training.optimizer"] == "adamw"
    assert report["search"]["pruning"] == "asha"
    assert report["step_images"] == 64  # the first guess's batch


def test_the_report_is_json(finished: RunFolder) -> None:
    report = collect(finished)

    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_the_best_so_far_only_rises(finished: RunFolder) -> None:
    over_time = collect(finished)["over_time"]

    values = [look["value"] for look in over_time["best"]]
    assert values == sorted(set(values))
    assert values[-1] == max(look["value"] for look in over_time["looks"])


def test_on_the_front_is_what_none_beats_at_its_cost(finished: RunFolder) -> None:
    for front in collect(finished)["fronts"]:
        points = front["points"]
        on_front = [point for point in points if point["on_front"]]

        assert on_front
        for point in on_front:
            assert not any(
                other["cost"] <= point["cost"] and other["value"] > point["value"]
                for other in points
            )


def test_equal_trials_are_on_the_front_together() -> None:
    """None of them dominates another, and any of them may have won."""
    trials = [
        {"number": number, "state": "complete", "value": value, "macs": 5_000, "measured": {}}
        for number, value in enumerate((0.1, 0.5, 0.5))
    ]

    points = cost_front(trials, "macs", maximize=True)["points"]

    assert [point["on_front"] for point in points] == [False, True, True]


def test_a_run_that_has_just_begun_says_what_is_missing(make_run: MakeRun) -> None:
    report = collect(make_run(**BEGUN))

    assert report["shown_trial"] is report["network"] is report["evaluation"] is None
    assert report["missing"] == {"network": "No trial has been scored.", "evaluation": NOT_TESTED}
    assert report["over_time"] == {"looks": [], "best": [], "finished": None, "tested": None}


def test_of_a_run_without_a_winner_the_best_so_far_is_shown(make_run: MakeRun) -> None:
    folder = make_run(**BEGUN)
    add_trial(folder, "pruned", {60: 0.4})
    add_trial(folder, "complete", {60: 0.5})
    add_trial(folder, "diverged", {60: 0.9})

    report = collect(folder)

    assert report["shown_trial"] == 1
    assert "cannot be read" in report["missing"]["network"]


def test_less_is_better_where_the_loss_is_minimized(make_run: MakeRun) -> None:
    folder = make_run(**BEGUN, objectives={"val_loss": "min"})
    for trial, value in enumerate((0.7, 0.5, 0.6)):
        add_trial(folder, "complete", {60: value})
        add_event(folder, "look", trial, trial=trial, step=60, value=value)

    report = collect(folder)

    assert report["shown_trial"] == 1
    assert [look["value"] for look in report["over_time"]["best"]] == [0.7, 0.5]


def test_a_trial_that_diverged_after_its_best_look_is_nowhere_the_best(make_run: MakeRun) -> None:
    folder = make_run(**BEGUN)
    values: list[tuple[State, float]] = [("pruned", 0.5), ("diverged", 0.9), ("pruned", 0.6)]
    for trial, (state, value) in enumerate(values):
        add_trial(folder, state, {60: value})
        add_event(folder, "look", trial, trial=trial, step=60, value=value)

    report = collect(folder)

    assert report["shown_trial"] == 2
    assert [look["value"] for look in report["over_time"]["looks"]] == [0.5, 0.9, 0.6]
    assert [look["value"] for look in report["over_time"]["best"]] == [0.5, 0.6]


def test_a_damaged_event_or_history_is_passed_over(make_run: MakeRun) -> None:
    folder = make_run(**BEGUN)
    add_trial(folder, "complete", {60: 0.5})
    add_event(folder, "look", 1, trial=0, step=60, value=None)
    add_event(folder, "look", 2, trial=0, step=60, value=float("nan"))
    add_event(folder, "look", 3, trial=0, step=60, value=0.5)
    folder.trial(0).mkdir(parents=True)
    lines = "step,train_loss,val_accuracy\n60,nan,0.5\nx,1,2\n\xff\n90,1"
    (folder.trial(0) / "history.csv").write_text(lines, encoding="latin-1")

    report = collect(folder)

    assert [look["value"] for look in report["over_time"]["looks"]] == [0.5]
    assert report["history"] == [{"step": 60, "val_accuracy": 0.5}, {"step": 90, "train_loss": 1}]


@pytest.mark.parametrize("content", [b"", b"PK no archive", b"\x93NUMPY"])
def test_damaged_predictions_are_told(tmp_path: Path, content: bytes) -> None:
    folder = searched_run(tmp_path, trials=2)
    folder.test_predictions.write_bytes(content)

    report = collect(folder)

    assert report["evaluation"] is None
    assert "damaged" in report["missing"]["evaluation"]


def test_a_run_from_before_predictions_were_kept_says_so(tmp_path: Path) -> None:
    folder = searched_run(tmp_path, trials=2)
    folder.test_predictions.unlink()

    assert collect(folder)["missing"] == {"evaluation": NOT_KEPT}


@pytest.mark.parametrize("key", ["document", "dataset", "budget", "seed"])
def test_a_damaged_run_file_is_told_in_words(tmp_path: Path, key: str) -> None:
    folder = searched_run(tmp_path, trials=1, finished=False)
    facts = json.loads(folder.run_file.read_text())
    del facts[key]
    folder.run_file.write_text(json.dumps(facts))

    with pytest.raises(RunError, match="damaged"):
        collect(folder)


BEGUN = {
    "document": {"name": "small"},
    "dataset": {"name": "bars", "shape": [8, 8, 1], "classes": 3, "validation": 200, "test": 263},
}
