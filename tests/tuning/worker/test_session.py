"""A session carries a run from its first trial to its export, and reads the test split once."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.tuning.worker.conftest import CPU, PretendedChannel, PretendedClock

from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import Study, open_study
from cnnsearch.records.test_split import read_test_predictions
from cnnsearch.results.interval import wilson_interval
from cnnsearch.space import load_space
from cnnsearch.tuning.place import Place
from cnnsearch.tuning.start import start_run
from cnnsearch.tuning.worker import session as session_module
from cnnsearch.tuning.worker import trained as trained_module
from cnnsearch.tuning.worker.session import Session

Pretend = Callable[..., list[int]]
WRONG = 3  # of the 150 test images


class Opened:
    """A run over the tiny space, and what its sessions did."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.channel = PretendedChannel()
        self.predicted: list[NDArray[np.uint8]] = []
        self.exported: list[dict[str, Any]] = []

    def session(self) -> Session:
        return Session(self.folder, PretendedClock(), self.channel, Place())

    def told(self) -> list[str]:
        return [
            event.get("phase", event["event"])
            for event in self.channel.sent
            if event["event"] in ("phase", "finished", "tested", "exported")
        ]


@pytest.fixture
def opened(
    tiny_space: Path, monkeypatch: pytest.MonkeyPatch, pretend_training: Pretend
) -> Iterator[Opened]:
    """A run whose trainings, predictions and exports are pretended."""
    monkeypatch.chdir(tiny_space.parent)
    run = Opened(start_run(load_space("tiny.yaml", ["budget.trials=3"]), Path("runs"), "r"))
    scores = (0.5 + 0.01 * number for number in count())
    pretend_training(scores)

    def predict(model: keras.Model, images: NDArray[np.uint8], **_: Any) -> NDArray[np.float32]:
        run.predicted.append(images)
        labels = np.arange(len(images)) % 3
        labels[:WRONG] = (labels[:WRONG] + 1) % 3
        return np.eye(3, dtype="float32")[labels]

    def export(model: keras.Model, target: Path, **given: Any) -> dict[str, Any]:
        run.exported.append({"model": model, "target": target, **given})
        models = [{"format": name, "path": name} for name in given["formats"]]
        return {"models": models, "warnings": []}

    monkeypatch.setattr(session_module, "set_up_device", lambda place: CPU)
    monkeypatch.setattr(trained_module, "export_model", export)
    monkeypatch.setattr(keras.Model, "predict", predict)
    yield run
    gc.unfreeze()


def test_a_run_is_searched_finished_tested_and_exported(opened: Opened) -> None:
    session = opened.session()
    session.search()
    session.finish()

    assert opened.told() == [
        "search",
        "finish",
        "finished",
        "export",
        "tested",
        "exported",
        "exported",
    ]
    facts = open_study(opened.folder.journal).facts()
    assert len(open_study(opened.folder.journal).trials()) == 3
    assert facts["tested"] == {"correct": 150 - WRONG, "count": 150}
    assert [export["format"] for export in facts["exports"]] == ["savedmodel", "keras"]


def test_the_test_accuracy_is_told_with_its_interval(opened: Opened) -> None:
    session = opened.session()
    session.search()
    session.finish()

    low, high = wilson_interval(147, 150)
    assert opened.channel.told("tested") == [
        {"event": "tested", "accuracy": 147 / 150, "low": low, "high": high, "count": 150}
    ]


def test_the_export_has_the_classes_and_images_that_are_not_the_test_splits(
    opened: Opened,
) -> None:
    session = opened.session()
    session.search()
    session.finish()

    (export,) = opened.exported
    assert export["target"] == opened.folder.export
    assert export["formats"] == ("savedmodel", "keras")
    assert tuple(export["classes"]) == ("0", "1", "2")
    evidence = export["evidence"]
    assert evidence.held_out is session._dataset.x_validation
    assert evidence.training is session._dataset.x_train
    assert evidence.scored is None  # no format loses accuracy: nothing is predicted for it
    assert export["model"].input_shape == (None, 12, 12, 1)


def test_int8_is_scored_on_the_test_split_without_another_prediction(opened: Opened) -> None:
    session = opened.session()
    session.search()
    session.finish()
    predicted, run = len(opened.predicted), session._run
    model, winner = opened.exported[0]["model"], run.study.facts()["winner"]["trial"]

    for number in (0, winner):
        trained = trained_module.Trained(
            run.folder, run.study, session._hypermodel, session._dataset, model, number
        )
        trained.export(run.folder.export, ("tflite",))

    assert winner != 0
    other, own = (export["evidence"].scored for export in opened.exported[1:])
    assert (own.split, own.correct, len(own.labels)) == ("test", 150 - WRONG, 150)
    assert own.images is session._dataset.x_test
    assert other.split == "validation"
    assert len(opened.predicted) == predicted + 1


def test_the_test_split_is_read_once_in_the_life_of_a_run(opened: Opened) -> None:
    first = opened.session()
    first.search()
    first.finish()
    again = opened.session()
    again.search()
    again.finish()

    assert len(opened.predicted) == 1
    assert opened.predicted[0] is first._dataset.x_test
    assert len(opened.channel.told("tested")) == 1


def test_the_predictions_on_the_test_split_are_kept(opened: Opened) -> None:
    session = opened.session()
    session.search()
    session.finish()

    found = read_test_predictions(opened.folder)
    assert found.probabilities.shape == (150, 3)
    assert (found.probabilities.dtype.str, found.labels.dtype.str) == ("<f4", "<i8")
    np.testing.assert_array_equal(found.labels, session._dataset.y_test)
    assert (found.correct, found.count) == (150 - WRONG, 150)


def test_a_run_killed_after_it_has_read_the_test_split_does_not_read_it_again(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, note = opened.session(), Study.note_study
    session.search()

    def killed(study: Study, **facts: Any) -> None:
        if "tested" in facts:
            raise KeyboardInterrupt
        note(study, **facts)

    monkeypatch.setattr(Study, "note_study", killed)
    with pytest.raises(KeyboardInterrupt):
        session.finish()
    monkeypatch.setattr(Study, "note_study", note)
    opened.session().finish()

    assert len(opened.predicted) == 1
    assert open_study(opened.folder.journal).facts()["tested"]["correct"] == 150 - WRONG
    assert read_test_predictions(opened.folder).count == 150


def test_a_search_that_has_its_winner_is_not_taken_up_again(opened: Opened) -> None:
    first = opened.session()
    first.search()
    first.finish()
    opened.channel.sent.clear()

    again = opened.session()
    again.search()
    again.finish()

    assert opened.told() == ["export", "exported", "exported"]
    assert len(open_study(opened.folder.journal).trials()) == 3


def test_the_winner_is_the_best_by_validation(opened: Opened) -> None:
    session = opened.session()
    session.search()
    best = open_study(opened.folder.journal).best()
    session.finish()

    assert best is not None
    assert open_study(opened.folder.journal).facts()["winner"]["trial"] == best.number


def test_the_rungs_follow_from_the_data_and_the_first_guess(opened: Opened) -> None:
    plan = opened.session()._run.plan

    assert plan.top == pytest.approx(20 * 480 // 32, rel=0.04)
    assert plan.first == 102


def test_a_worker_that_takes_over_cuts_off_what_a_kill_left_half_written(opened: Opened) -> None:
    opened.session().search()
    with opened.folder.journal.open("ab") as journal:
        journal.write(b'{"op_code":4,"worker')

    assert len(opened.session()._run.study.trials()) == 3
    assert opened.folder.journal.read_bytes().endswith(b"\n")
