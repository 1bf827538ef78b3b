"""A candidate becomes a compiled model: its optimizer, its loss, and nothing made twice."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras_tuner import HyperParameters
from tensorflow.python.framework.func_graph import FuncGraph
from tests.tuning.worker.conftest import MakeWorld, World

from cnnsearch.space import Candidate, TrainingSettings, draw, first_guess
from cnnsearch.tuning.worker.hypermodel import CandidateModel, peak_rate
from cnnsearch.tuning.worker.schedules import SteadyRate

NETWORK = "architecture: {stages: {count: 1, width: 4}}\n"


def compiled(world: World, rate: float = 1e-2) -> Any:
    return world.hypermodel.compiled(guess(world), rate)


def guess(world: World) -> Candidate:
    return draw(world.space, first_guess)


@pytest.mark.parametrize(
    ("training", "optimizer", "weight_decay"),
    [
        ("{optimizer: adamw, weight_decay: 1e-3}", keras.optimizers.AdamW, 1e-3),
        ("{optimizer: adam}", keras.optimizers.Adam, None),
        ("{optimizer: sgd, weight_decay: 1e-3}", keras.optimizers.SGD, 1e-3),
        ("{optimizer: sgd}", keras.optimizers.SGD, None),
    ],
)
def test_the_optimizer_is_the_candidates(
    make_world: MakeWorld, training: str, optimizer: type[object], weight_decay: float | None
) -> None:
    found: Any = compiled(make_world(f"{NETWORK}training: {training}\n")).optimizer

    assert (type(found), found.weight_decay) == (optimizer, weight_decay)


def test_only_kernels_decay(make_world: MakeWorld) -> None:
    world = make_world(f"{NETWORK}training: {{weight_decay: 1e-3}}\n")
    model = compiled(world)

    decaying = {
        variable.name
        for variable in model.trainable_variables
        if model.optimizer._use_weight_decay(variable)
    }

    assert decaying == {"kernel"}
    names = {variable.name for variable in model.trainable_variables}
    assert names == {"kernel", "gamma", "beta", "bias"}


def test_the_models_of_the_search_follow_the_rungs(world: World) -> None:
    hyperparameters = HyperParameters()
    hyperparameters.values = dict(guess(world).settings)

    schedule = world.hypermodel.build(hyperparameters).optimizer._learning_rate

    assert isinstance(schedule, SteadyRate)
    assert schedule.peak == pytest.approx(1e-2 * (8 / 128) ** 0.5)
    assert schedule.warm_up_steps == round(0.3 * world.plan.first)


@pytest.mark.parametrize(
    ("optimizer", "batch_size", "rate"),
    [("sgd", 128, 0.1), ("sgd", 32, 0.025), ("adamw", 128, 0.1), ("adam", 32, 0.05)],
)
def test_the_learning_rate_fits_the_batch(optimizer: str, batch_size: int, rate: float) -> None:
    training = TrainingSettings(optimizer=optimizer, learning_rate=0.1)

    assert peak_rate(training, batch_size) == pytest.approx(rate)


def test_smoothed_labels_give_part_of_the_right_label_to_all(make_world: MakeWorld) -> None:
    world = make_world(f"{NETWORK}training: {{label_smoothing: 0.3}}\n")
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]], dtype="float32")

    loss = compiled(world).compute_loss(y=np.array([0, 2]), y_pred=probabilities)

    target = np.array([[0.8, 0.1, 0.1], [0.1, 0.1, 0.8]])
    expected = -(target * np.log(probabilities)).sum(axis=1).mean()
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_plain_labels_give_the_usual_crossentropy(make_world: MakeWorld) -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]], dtype="float32")

    loss = compiled(make_world(NETWORK)).compute_loss(y=np.array([0, 2]), y_pred=probabilities)

    assert float(loss) == pytest.approx(-(np.log(0.7) + np.log(0.8)) / 2, rel=1e-5)


def test_a_training_step_is_traced_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    traced: list[int] = []
    train_step = keras.Model.train_step

    def count(model: keras.Model, data: Any) -> Any:
        traced.append(1)
        return train_step(model, data)

    monkeypatch.setattr(keras.Model, "train_step", count)
    training = world.training(unit=2)

    training.fit(5, on_batch=lambda logs: True, on_unit=lambda logs: True)
    training.fit(8, on_batch=lambda logs: True, on_unit=lambda logs: True)

    assert sum(traced) == 1


def graphs() -> int:
    """Return how many graphs of traced functions are held."""
    gc.collect()
    return sum(isinstance(each, FuncGraph) for each in gc.get_objects())


def test_nothing_holds_the_graph_of_a_training_that_is_over(world: World) -> None:
    def train() -> None:
        training = world.training(unit=2)
        training.fit(3, on_batch=lambda logs: True, on_unit=lambda logs: True)
        training.evaluate(world.dataset.x_validation, world.dataset.y_validation)

    keras.backend.clear_session()
    before = graphs()
    train()
    keras.backend.clear_session(free_memory=False)

    assert graphs() <= before


@pytest.mark.filterwarnings("error")
def test_a_channel_that_is_the_same_everywhere_does_no_harm(world: World) -> None:
    images = np.repeat(world.dataset.x_train, 3, axis=-1)
    images[..., 1] = 7
    dataset = replace(world.dataset, x_train=images)
    hypermodel = CandidateModel(world.space, dataset, world.plan, world.hypermodel._device)

    model = hypermodel.compiled(guess(world), 1e-2)

    assert np.isfinite(np.asarray(model(images, training=False))).all()


def test_pixels_are_normalised_within_the_model(world: World) -> None:
    model = compiled(world)
    normalise = keras.Model(model.inputs[0], model.get_layer("normalised_image").output)

    found = np.asarray(normalise(world.dataset.x_train))

    assert found.mean() == pytest.approx(0, abs=1e-3)
    assert found.std() == pytest.approx(1, abs=1e-3)


def test_the_model_that_serves_predicts_as_the_trained_one_and_brings_nothing_else(
    world: World,
) -> None:
    trained = compiled(world)
    for variable in trained.variables:
        if "seed" not in variable.path:
            variable.assign(variable.numpy() * 1.5 + 0.01)
    images = world.dataset.x_test

    serving = world.hypermodel.for_serving(guess(world), trained)

    np.testing.assert_allclose(
        np.asarray(serving(images, training=False)),
        np.asarray(trained(images, training=False)),
        rtol=1e-6,
    )
    assert getattr(serving, "optimizer", None) is None
    assert {variable.dtype for variable in serving.weights} <= {"float32", "uint32"}


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_what_was_trained_in_low_precision_serves_in_float32(world: World, policy: str) -> None:
    low = replace(world.hypermodel._device, dtype_policy=policy)
    hypermodel = CandidateModel(world.space, world.dataset, world.plan, low)
    trained = hypermodel.compiled(guess(world), 1e-2)
    images = tf.constant(world.dataset.x_test)

    serving = hypermodel.for_serving(guess(world), trained)

    layers = {layer.compute_dtype for layer in serving.layers if layer.name != "image"}
    assert layers == {"float32"}
    np.testing.assert_allclose(
        np.asarray(serving(images, training=False)),
        np.asarray(trained(images, training=False)),
        atol=0.03,
    )


def test_a_halved_batch_size_goes_before_the_one_that_was_drawn(world: World) -> None:
    record = world.begin()

    assert world.hypermodel.batch_size(record) == 8
    assert world.hypermodel.batch_size(replace(record, batch_size=4)) == 4
