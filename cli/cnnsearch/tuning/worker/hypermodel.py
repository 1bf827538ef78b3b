"""From a candidate to a compiled Keras model: KerasTuner's HyperModel over our search space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import keras_tuner
from keras import ops

from cnnsearch.architecture import Architecture, describe
from cnnsearch.data import Dataset, channel_statistics
from cnnsearch.networks import build
from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Candidate, SearchSpace, TrainingSettings, draw, replay
from cnnsearch.tuning.rungs import Pace, RungPlan
from cnnsearch.tuning.worker.devices import Device
from cnnsearch.tuning.worker.schedules import WARM_UP, SteadyRate

LEAST_DEVIATION = 1.0  # of 255; a channel that is the same in all images has none
BASE_BATCH = 128  # images; the batch that `training.learning_rate` is meant for
LearningRate = Any  # a number, or a schedule of Keras, which has no types


class CandidateModel(keras_tuner.HyperModel):
    """Builds the model of a candidate, ready to train."""

    def __init__(
        self, space: SearchSpace, dataset: Dataset, plan: RungPlan, device: Device
    ) -> None:
        super().__init__(name=space.name)
        self.space = space
        self._dataset = dataset
        self._plan = plan
        self._device = device
        mean, deviation = channel_statistics(dataset.x_train)
        deviation = tuple(max(value, LEAST_DEVIATION) for value in deviation)
        self._scale: Sequence[float] = [1 / value for value in deviation]
        self._offset: Sequence[float] = [-m / d for m, d in zip(mean, deviation, strict=True)]

    def candidate(self, settings: Any) -> Candidate:
        """Return the candidate with these settings."""
        return draw(self.space, replay(settings))

    def architecture(self, candidate: Candidate) -> Architecture:
        """Return the network that the candidate describes for this dataset."""
        return describe(candidate.architecture, self._dataset.shape, len(self._dataset.classes))

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Return the compiled model of the settings in `hp`, with the search's learning rate."""
        candidate = self.candidate(hp.values)
        return self.for_search(candidate, candidate.training.batch_size)

    def for_search(self, candidate: Candidate, batch_size: int) -> keras.Model:
        """Return the candidate's model, compiled with the learning rate that the search uses."""
        peak = peak_rate(candidate.training, batch_size)
        pace = self._plan.pace(candidate.training.batch_size)
        warm_up_steps = WARM_UP * pace.steps(self._plan.first)
        return self.compiled(candidate, SteadyRate(peak, round(warm_up_steps)))

    def compiled(self, candidate: Candidate, learning_rate: LearningRate) -> keras.Model:
        """Return the candidate's model, compiled for training with `learning_rate`."""
        model = self._untrained(candidate, self._device.dtype_policy)
        model.compile(
            optimizer=_optimizer(candidate.training, learning_rate),
            loss=_loss(candidate.training, len(self._dataset.classes)),
            metrics=["accuracy"],
            jit_compile=self._device.jit_compile,
        )
        _create_variables(model)
        _train_on_one_device(model.optimizer)
        return model

    def batch_size(self, record: TrialRecord) -> int:
        """Return the batch size that the trial trains with, in images."""
        return record.batch_size or self.candidate(record.settings).training.batch_size

    def pace(self, record: TrialRecord) -> Pace:
        """Return how the trial's steps count.

        What was drawn decides: a batch that had to be halved for want of memory is halved in the
        middle of a training, whose steps before and after it are to count alike.
        """
        return self._plan.pace(self.candidate(record.settings).training.batch_size)

    def for_serving(self, candidate: Candidate, trained: keras.Model) -> keras.Model:
        """Return the trained model for any machine: in float32, without an optimizer."""
        model = self.as_served(candidate)
        model.set_weights(trained.get_weights())
        return model

    def as_served(self, candidate: Candidate) -> keras.Model:
        """Return the model in float32 with its first weights, as quick as with trained ones."""
        return self._untrained(candidate, "float32")

    def _untrained(self, candidate: Candidate, dtype_policy: str) -> keras.Model:
        return build(
            self.architecture(candidate),
            scale=self._scale,
            offset=self._offset,
            seed=self.space.search.seed,
            dtype_policy=keras.DTypePolicy(dtype_policy),
        )


def peak_rate(training: TrainingSettings, batch_size: int) -> float:
    """Return the learning rate for batches of `batch_size`: the setting is for `BASE_BATCH` images.

    For `sgd` it grows with the batch (Goyal et al. 2017, arXiv:1706.02677, section 2.1), for the
    others with its square root (Malladi et al. 2022, arXiv:2205.10287, definition 5.2).
    """
    ratio = batch_size / BASE_BATCH
    return training.learning_rate * (ratio if training.optimizer == "sgd" else ratio**0.5)


def _create_variables(model: keras.Model) -> None:
    """Make the variables of optimizer and metrics, which Keras makes in the first training step.

    TensorFlow would have to trace that step twice: once with them, once without.
    """
    model.optimizer.build(model.trainable_variables)
    label, probabilities = ops.zeros((1,), "int64"), ops.ones((1, model.output_shape[-1]))
    model.compute_metrics(None, label, probabilities)
    model.reset_metrics()


def _train_on_one_device(optimizer: keras.optimizers.Optimizer) -> None:
    """Leave out the sum of gradients over devices, of which there is one.

    TensorFlow keeps the function that Keras makes of it for ever, and with it the whole graph of
    the training step: some ten thousand objects a trial.
    """
    optimizer._all_reduce_sum_gradients = list


def _optimizer(
    training: TrainingSettings, learning_rate: LearningRate
) -> keras.optimizers.Optimizer:
    if training.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(
            learning_rate, momentum=0.9, nesterov=True, weight_decay=training.weight_decay or None
        )
    elif training.optimizer == "adamw":
        optimizer = keras.optimizers.AdamW(learning_rate, weight_decay=training.weight_decay)
    else:
        optimizer = keras.optimizers.Adam(learning_rate, weight_decay=training.weight_decay or None)
    if (
        training.weight_decay
    ):  # shrinking scales and shifts only hurts (He et al. 2019, arXiv:1812.01187)
        optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimizer


def _loss(training: TrainingSettings, classes: int) -> Any:
    if not training.label_smoothing:
        return keras.losses.SparseCategoricalCrossentropy()
    smoothing = training.label_smoothing

    def smoothed_crossentropy(labels: Any, probabilities: Any) -> Any:
        """Cross-entropy against labels mixed with the uniform ones (Szegedy et al. 2016)."""
        one_hot = ops.one_hot(ops.cast(ops.reshape(labels, (-1,)), "int32"), classes)
        return keras.losses.categorical_crossentropy(
            one_hot, probabilities, label_smoothing=smoothing
        )

    return smoothed_crossentropy
