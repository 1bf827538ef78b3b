"""An average of the weights along a training: what a trial is scored by, at any step.

At a constant learning rate the weights circle around where a decay would take them. Their average
lies near it, costs next to nothing, and the training goes on undisturbed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

# The weight of a step grows as step**POWER (Karras et al. 2024, arXiv:2312.02696, section 3.1): the
# average reaches back over a fixed share of the training, whenever that ends.
POWER = 7.0
EVERY_STEPS = 4  # of the training; neighbours differ little, and each update costs time


class WeightAverage:
    """The running average of a model's trainable weights."""

    def __init__(self, model: keras.Model) -> None:
        self._weights = [weight.value for weight in model.trainable_variables]
        self.variables = [tf.Variable(weight, trainable=False) for weight in self._weights]
        self._update = tf.function(self._blend, autograph=False)

    def after_step(self, step: int) -> None:
        """Take in the weights after so many training steps, from the first on."""
        if step % EVERY_STEPS == 0:
            kept = (1 - EVERY_STEPS / step) ** (POWER + 1)
            self._update(tf.constant(kept, tf.float32))

    def _blend(self, kept: tf.Tensor) -> None:
        for average, weight in zip(self.variables, self._weights, strict=True):
            share = tf.cast(kept, average.dtype)
            average.assign(share * average + (1 - share) * weight)


@contextmanager
def averaged(model: keras.Model, average: WeightAverage, batches: Any) -> Iterator[None]:
    """Put the average into the model for as long as the context lasts, then what was there.

    Args:
        model: In training.
        average: Of its weights.
        batches: Pairs of images and labels, on which the statistics of the batch normalizations are
            taken anew: those in the model belong to other weights, and early in a training to none.
    """
    before = [np.asarray(variable.value) for variable in model.variables]
    for weight, mean in zip(model.trainable_variables, average.variables, strict=True):
        weight.assign(mean)
    _take_statistics(model, batches)
    try:
        yield
    finally:
        for variable, value in zip(model.variables, before, strict=True):
            variable.assign(value)


def _take_statistics(model: keras.Model, batches: Any) -> None:
    """Set the moving mean and variance of each batch normalization to their mean over `batches`."""
    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    if not layers:
        return
    momenta = [layer.momentum for layer in layers]
    try:
        for index, (images, _) in enumerate(batches):
            for layer in layers:
                layer.momentum = index / (index + 1)
            model(images, training=True)
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
