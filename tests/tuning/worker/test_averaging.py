"""The average of the weights is scored, and the training does not notice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnnsearch.tuning.worker.averaging import EVERY_STEPS, POWER, WeightAverage, averaged


def model() -> keras.Model:
    """Return a model whose only weights are a kernel and what a batch normalization has."""
    layers = [
        keras.Input((2,)),
        keras.layers.Dense(2, use_bias=False, kernel_initializer="identity"),
        keras.layers.BatchNormalization(momentum=0.9),
        keras.layers.Dropout(0.5, seed=1),
    ]
    return keras.Sequential(layers)


def batches(*images: Any) -> Iterable[tuple[tf.Tensor, None]]:
    return [(tf.constant(each, tf.float32), None) for each in images]


def values(of: keras.Model) -> list[np.ndarray]:
    return [np.array(variable) for variable in of.variables]


def train(
    of: keras.Model, average: WeightAverage, kernels: Iterable[float], after: int = 0
) -> None:
    for step, kernel in enumerate(kernels, start=after + 1):
        of.layers[0].kernel.assign(np.eye(2) * kernel)
        average.after_step(step)


def test_late_weights_count_more_by_a_power_of_the_step() -> None:
    network = model()
    average = WeightAverage(network)
    kernels = np.arange(1.0, 81.0)

    train(network, average, kernels)

    seen = kernels[EVERY_STEPS - 1 :: EVERY_STEPS]
    index = np.arange(1, len(seen) + 1)
    shares = index ** (POWER + 1) - (index - 1) ** (POWER + 1)  # of the area under step**POWER
    expected = (shares / shares.sum() * seen).sum()
    assert average.variables[0].numpy()[0, 0] == pytest.approx(expected, rel=1e-2)


def test_the_first_weights_leave_no_trace() -> None:
    network = model()
    average = WeightAverage(network)

    train(network, average, [7.0] * EVERY_STEPS)

    np.testing.assert_allclose(average.variables[0].numpy(), np.eye(2) * 7)


def test_within_the_context_the_model_has_the_average_and_its_statistics() -> None:
    network = model()
    average = WeightAverage(network)
    train(network, average, [3.0] * EVERY_STEPS)
    network.layers[0].kernel.assign(np.eye(2))

    with averaged(network, average, batches([[1, 0], [3, 0]], [[5, 0], [7, 0]])):
        kernel, *_, mean, variance = [np.array(weight) for weight in network.weights]

    np.testing.assert_allclose(kernel, np.eye(2) * 3)
    np.testing.assert_allclose(mean, [12, 0])  # 3 * the mean of 1, 3, 5, 7
    np.testing.assert_allclose(variance, [9, 0])  # within each batch, as in training


def test_after_the_context_all_is_as_it_was() -> None:
    network = model()
    average = WeightAverage(network)
    train(network, average, [3.0] * EVERY_STEPS)
    before = values(network)

    with (
        pytest.raises(RuntimeError, match="in the middle"),
        averaged(network, average, batches([[1, 0], [3, 0]])),
    ):
        raise RuntimeError("in the middle")

    for found, expected in zip(values(network), before, strict=True):  # the dropout's seed too
        np.testing.assert_array_equal(found, expected)
    assert network.layers[1].momentum == 0.9


def test_between_its_updates_the_average_stays() -> None:
    network = model()
    average = WeightAverage(network)
    train(network, average, [1.0] * EVERY_STEPS)

    train(network, average, [100.0] * (EVERY_STEPS - 1), after=EVERY_STEPS)

    np.testing.assert_allclose(average.variables[0].numpy(), np.eye(2))
