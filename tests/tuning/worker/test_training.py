"""A training is counted in steps, and may be stopped, saved and taken up at any of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.tuning.worker.conftest import World

from cnnsearch.data.pipelines import evaluation_batches
from cnnsearch.tuning.rungs import Pace
from cnnsearch.tuning.worker import training as training_module
from cnnsearch.tuning.worker.checkpoint import load_checkpoint, save_checkpoint
from cnnsearch.tuning.worker.training import (
    EVALUATION_BATCH,
    Diverged,
    Training,
    batch_within,
    out_of_memory,
    statistics_images,
)

MakeTraining = Callable[..., Training]


def go_on(logs: Mapping[str, float]) -> bool:
    return True


def fit(
    training: Training,
    until: int,
    *,
    on_batch: Callable[[Mapping[str, float]], bool] = go_on,
    on_unit: Callable[[Mapping[str, float]], bool] = go_on,
) -> None:
    training.fit(until, on_batch=on_batch, on_unit=on_unit)


class PretendedModel:
    """Calls the callbacks as `keras.Model.fit` does, and trains nothing."""

    def __init__(self, loss: float = 0.5) -> None:
        self.stop_training = False
        self.trainable_variables: list[Any] = []
        self.loss = loss
        self.fits: list[tuple[int, int]] = []

    def fit(self, batches: Any, *, steps_per_epoch: int, epochs: int, **given: Any) -> None:
        self.fits.append((steps_per_epoch, epochs))
        self.stop_training = False
        for callback in given["callbacks"]:
            callback.set_model(self)
        for epoch in range(epochs):
            for step in range(steps_per_epoch):
                for callback in given["callbacks"]:
                    callback.on_train_batch_end(step, {"loss": self.loss})
                if self.stop_training:
                    break
            for callback in given["callbacks"]:
                callback.on_epoch_end(epoch, {"loss": self.loss})
            if self.stop_training:
                break


@pytest.fixture
def pretended(world: World, monkeypatch: pytest.MonkeyPatch) -> MakeTraining:
    """Return a function that makes a training of nothing."""
    monkeypatch.setattr("cnnsearch.tuning.worker.training.training_batches", lambda x, y, **_: None)
    candidate = world.hypermodel.candidate(world.begin().settings)

    def make(*, step: int = 0, unit: int = 2, loss: float = 0.5) -> Training:
        model: Any = PretendedModel(loss)
        return Training(
            model, candidate, world.dataset, batch_size=8, step=step, pace=Pace(unit, unit), seed=1
        )

    return make


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(unit=st.integers(1, 7), start=st.integers(0, 20), length=st.integers(0, 20))
def test_every_multiple_of_the_unit_is_told_wherever_a_training_is_taken_up(
    pretended: MakeTraining, unit: int, start: int, length: int
) -> None:
    training = pretended(step=start, unit=unit)
    steps, units = [], []

    def on_batch(logs: Mapping[str, float]) -> bool:
        steps.append(training.step)
        return True

    def on_unit(logs: Mapping[str, float]) -> bool:
        units.append(training.step)
        return True

    fit(training, start + length, on_batch=on_batch, on_unit=on_unit)

    assert steps == list(range(start + 1, start + length + 1))
    assert units == [step for step in steps if step % unit == 0]
    assert training.images == 8 * length


def test_whole_units_are_one_fit_so_that_little_is_spent_between(pretended: MakeTraining) -> None:
    training = pretended(unit=2)

    fit(training, 20)

    assert training.model.fits == [(2, 10)]


def test_a_training_ends_after_the_step_that_says_so(pretended: MakeTraining) -> None:
    training = pretended(unit=4)

    fit(training, 20, on_batch=lambda logs: training.step < 6)

    assert training.step == 6


def test_a_unit_is_not_told_after_the_step_that_ends_the_training(pretended: MakeTraining) -> None:
    training = pretended(unit=4)
    units: list[int] = []

    def on_unit(logs: Mapping[str, float]) -> bool:
        units.append(training.step)
        return True

    fit(
        training,
        20,
        on_batch=lambda logs: training.step < 4,
        on_unit=on_unit,
    )

    assert (training.step, units) == (4, [])


def test_a_training_ends_after_the_unit_that_says_so(pretended: MakeTraining) -> None:
    training = pretended(unit=4)

    fit(training, 20, on_unit=lambda logs: training.step < 8)

    assert training.step == 8


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_no_number_ends_the_training_within_a_unit(
    pretended: MakeTraining, loss: float
) -> None:
    training = pretended(unit=4, loss=loss)

    with pytest.raises(Diverged, match=f"the training loss became {loss} by step 4"):
        fit(training, 20)


def test_training_saved_and_taken_up_in_mid_unit_equals_one_never_stopped(
    world: World, tmp_path: Path
) -> None:
    whole, first, second = (world.training(unit=4) for _ in range(3))
    fit(whole, 6)
    fit(first, 3)
    save_checkpoint(tmp_path / "latest.npz", first.state, first.step)
    second.step = load_checkpoint(tmp_path / "latest.npz", second.state)
    fit(second, 6)

    assert (whole.step, second.step) == (6, 6)
    for found, expected in zip(second.state, whole.state, strict=True):
        np.testing.assert_array_equal(found.numpy(), expected.numpy(), err_msg=expected.name)


def test_a_real_training_learns_counts_its_time_and_tells_of_divergence(world: World) -> None:
    training = world.training(unit=2, learning_rate=3e-2)
    before = training.evaluate(world.dataset.x_validation, world.dataset.y_validation)
    fit(training, 40)
    after = training.evaluate(world.dataset.x_validation, world.dataset.y_validation)

    assert set(before) == {"loss", "accuracy"}
    assert after["loss"] < before["loss"]
    assert (training.step, training.images) == (40, 320)
    assert training.seconds["fit"] > 0
    assert training.seconds["evaluate"] > 0

    first = training.model.trainable_variables[0]
    first.assign(np.full_like(first.numpy(), math.nan))
    with pytest.raises(Diverged, match="by step 42"):
        fit(training, 60)


def test_evaluation_in_a_training_is_not_counted_as_training(
    pretended: MakeTraining, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = pretended(unit=2)
    now = [0.0]
    monkeypatch.setattr("cnnsearch.tuning.worker.training.time.monotonic", lambda: now[0])

    def on_batch(logs: Mapping[str, float]) -> bool:
        now[0] += 1
        return True

    known: list[float] = []

    def on_unit(logs: Mapping[str, float]) -> bool:
        known.append(training.seconds["fit"])
        now[0] += 10
        training.seconds["evaluate"] += 10
        return True

    fit(training, 4, on_batch=on_batch, on_unit=on_unit)

    assert known == [2, 4]  # a trial that is killed after it was saved has lost nothing
    assert (training.seconds["fit"], training.seconds["evaluate"]) == (4, 20)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (tf.errors.ResourceExhaustedError(None, None, "OOM"), True),
        (tf.errors.AbortedError(None, None, "could not create a primitive"), True),
        (tf.errors.InvalidArgumentError(None, None, "Cannot parse tensor from proto: x"), True),
        (tf.errors.InternalError(None, None, "other"), False),
        (ValueError("OOM"), False),
    ],
)
def test_running_out_of_memory_is_told_from_other_errors(
    error: BaseException, expected: bool
) -> None:
    assert out_of_memory(error) is expected


def test_only_the_training_split_is_fed(
    world: World, pretended: MakeTraining, monkeypatch: pytest.MonkeyPatch
) -> None:
    fed: list[Any] = []
    monkeypatch.setattr(
        "cnnsearch.tuning.worker.training.training_batches",
        lambda x, y, **given: fed.append((x, y)),
    )
    training = pretended()

    fit(training, 4)

    ((x, y),) = fed
    assert x is world.dataset.x_train
    assert y is world.dataset.y_train


def test_keras_calls_back_as_the_pretended_model_does(world: World) -> None:
    """Hold the pretended model above to the real one."""
    calls: dict[str, list[str]] = {}

    class Note(keras.callbacks.Callback):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            calls.setdefault(self.name, []).append(f"batch {batch}")
            if len(calls[self.name]) == 5:
                self.model.stop_training = True

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            calls[self.name].append(f"epoch {epoch}")

    real = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    real.compile("sgd", "mse")
    data = tf.data.Dataset.from_tensors((tf.zeros((2, 1)), tf.zeros((2, 1)))).repeat()
    given: dict[str, Any] = {"steps_per_epoch": 3, "epochs": 3, "shuffle": False, "verbose": 0}
    real.fit(data, callbacks=[Note("real")], **given)
    PretendedModel().fit(data, callbacks=[Note("pretended")], **given)

    assert calls["real"] == calls["pretended"]


def test_what_the_network_costs_is_known_once_it_was_trained_and_looked_at(world: World) -> None:
    training = world.training()
    assert training.costs() is None
    training.fit(4, on_batch=lambda logs: True, on_unit=lambda logs: True)
    assert training.costs() is None

    training.evaluate(world.dataset.x_validation, world.dataset.y_validation)

    costs = training.costs()
    assert costs is not None
    assert (
        costs.build_s == training.seconds["first_step"] > 0
    )  # nobody has told what making it took
    assert costs.evaluate_s == training.seconds["evaluate"] > 0
    assert 0 < costs.step_s < costs.build_s  # the first step is traced, the others are not


def test_what_a_step_takes_is_told_of_the_plans_steps(
    pretended: MakeTraining, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = pretended()
    training.pace = Pace(1, 2)  # one of its steps is two of the plan
    training.images, training.looks, training.first_step_ended = 11 * training.batch_size, 1, 100.0
    training.seconds |= {"first_step": 3.0}
    monkeypatch.setattr("cnnsearch.tuning.worker.training.time.monotonic", lambda: 110.0)

    costs = training.costs()

    assert costs is not None
    assert costs.step_s == pytest.approx(0.5)


@pytest.mark.parametrize("averages", [True, False])
def test_the_average_is_kept_up_only_where_it_is_scored(world: World, averages: bool) -> None:
    scored = world.training(unit=4)
    training = Training(
        scored.model,
        scored.candidate,
        world.dataset,
        batch_size=8,
        step=0,
        pace=Pace(4, 4),
        seed=1,
        averages=averages,
    )
    before = training.average.variables[0].numpy()

    fit(training, 4)

    assert np.array_equal(training.average.variables[0].numpy(), before) is not averages


@pytest.mark.parametrize(("side", "batch"), [(8, 500), (64, 500), (224, 40), (4096, 1)])
def test_the_larger_images_are_the_fewer_are_looked_at_at_once(side: int, batch: int) -> None:
    images = np.broadcast_to(np.uint8(0), (3, side, side, 3))

    assert batch_within(EVALUATION_BATCH, images) == batch


@pytest.mark.parametrize(("side", "count"), [(8, 2048), (64, 2048), (96, 910), (224, 256)])
def test_the_larger_images_are_the_fewer_statistics_are_taken_on(side: int, count: int) -> None:
    images = np.broadcast_to(np.uint8(0), (3, side, side, 3))

    assert statistics_images(images) == count


def test_a_look_at_photos_takes_no_larger_batches_than_fit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_module, "BATCH_PIXELS", 10 * 8 * 8)
    training = world.training()
    asked: list[int] = []
    kept = training._batches, evaluation_batches

    def batches(batch_size: int) -> tf.data.Dataset:
        asked.append(batch_size)
        return kept[0](batch_size)

    def to_evaluate(images: Any, labels: Any, *, batch_size: int) -> tf.data.Dataset:
        asked.append(batch_size)
        return kept[1](images, labels, batch_size=batch_size)

    monkeypatch.setattr(training, "_batches", batches)
    monkeypatch.setattr(training_module, "evaluation_batches", to_evaluate)

    with training.averaged():
        training.evaluate(world.dataset.x_validation, world.dataset.y_validation)

    assert asked == [10, 10]
