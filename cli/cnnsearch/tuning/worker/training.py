"""One model in training: Keras' fit, counted in steps, to be stopped and taken up at any step."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

from cnnsearch.data import Dataset
from cnnsearch.data.pipelines import evaluation_batches, training_batches
from cnnsearch.space import Candidate
from cnnsearch.tuning.needs import Costs
from cnnsearch.tuning.rungs import Pace
from cnnsearch.tuning.worker.averaging import WeightAverage, averaged
from cnnsearch.tuning.worker.checkpoint import Variable

EVALUATION_BATCH = 500  # images at most, for speed
BATCH_PIXELS = EVALUATION_BATCH * 64**2  # of what is only looked at: 40 images of 224 x 224, which
# take no more memory than a training step; of 256 all maps together took 7 GB (default space)
STATISTICS_IMAGES = 2_048  # on which the averaged weights' batch normalizations take statistics
LEAST_STATISTICS_IMAGES = 256  # of large ones, each of which has more pixels to take them over
# What TensorFlow's kernels and oneDNN say where an allocation failed, under other errors' names.
_NO_MEMORY_LEFT = ("Cannot parse tensor from proto", "could not create a primitive")
FORWARD_SHARE = 1 / 3  # of a training step: the other two passes are those of the gradients
STATISTICS_BATCH = 256  # small images at least: layer by layer, few take many times as long


class Diverged(Exception):
    """The loss is not a finite number any more."""


class Training:
    """A compiled model, its data and how far it has come.

    Args:
        step: Training steps that the model's state has seen.
        pace: How they count in the plan; `on_unit` is called every `pace.unit` of them.
        averages: Whether the average of the weights is kept up: not where nobody scores it.
    """

    def __init__(
        self,
        model: keras.Model,
        candidate: Candidate,
        dataset: Dataset,
        *,
        batch_size: int,
        step: int,
        pace: Pace,
        seed: int,
        averages: bool = True,
    ) -> None:
        self.model = model
        self.average = WeightAverage(model)
        self.candidate = candidate
        self.batch_size = batch_size
        self.pace = pace
        self.step = step
        self.images = 0  # trained on since this process took the training up
        self.seconds = {"fit": 0.0, "evaluate": 0.0}
        self.looks = 0  # taken since then
        self.first_step_ended: float | None = None  # since then, by the monotonic clock
        self._counted = 0.0, 0.0  # of the time: up to when, and how much was evaluated by then
        self._dataset = dataset
        self._seed = seed
        self._averages = averages

    @property
    def plan_step(self) -> int:
        """Return how far the training has come, in steps of the plan."""
        return self.pace.counted(self.step)

    @property
    def state(self) -> list[Variable]:
        """Return everything that a checkpoint must hold for the training to go on."""
        optimizer = self.model.optimizer
        optimizer.build(self.model.trainable_variables)
        return [*self.model.variables, *optimizer.variables, *self.average.variables]

    def fit(
        self,
        until: int,
        *,
        on_batch: Callable[[Mapping[str, float]], bool],
        on_unit: Callable[[Mapping[str, float]], bool],
    ) -> None:
        """Train up to step `until`.

        Args:
            until: Training step to end at.
            on_batch: Called after every step with the running metrics; returns whether to go on.
            on_unit: Called at every multiple of the pace's unit; returns whether to go on.

        Raises:
            Diverged: The loss became infinite or NaN.
        """
        self._counted = time.monotonic(), self.seconds["evaluate"]
        watch = _Watch(self, on_batch, on_unit)
        try:
            while self.step < until and not watch.stopped:
                self._fit_aligned(until, watch)
        finally:
            self.count_time()

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Have the average of the weights in the model for as long as the context lasts."""
        started = time.monotonic()
        most = batch_within(STATISTICS_BATCH, self._dataset.x_train)
        batch_size = max(self.batch_size, most)
        images = statistics_images(self._dataset.x_train)
        batches = self._batches(batch_size).take(-(-images // batch_size))
        with averaged(self.model, self.average, batches):
            self.seconds["evaluate"] += time.monotonic() - started
            yield

    def evaluate(self, images: Any, labels: Any) -> dict[str, float]:
        """Return loss and accuracy on `images`, a uint8 array (count, height, width, channels)."""
        started = time.monotonic()
        batch_size = batch_within(EVALUATION_BATCH, images)
        batches = evaluation_batches(images, labels, batch_size=batch_size)
        scores = self.model.evaluate(batches, verbose=0, return_dict=True)
        self.seconds["evaluate"] += time.monotonic() - started
        self.looks += 1
        return {name: round(score, 6) for name, score in scores.items()}  # float32 holds no more

    def costs(self) -> Costs | None:
        """Return what the training has taken so far; None before its second step and first look."""
        steps = self.images // self.batch_size
        if self.first_step_ended is None or steps < 2 or not self.looks:
            return None
        since_s = time.monotonic() - self.first_step_ended - self.seconds["evaluate"]
        return Costs(
            build_s=self.seconds.get("build", 0.0) + self.seconds["first_step"],
            step_s=self.pace.share * max(0.0, since_s) / (steps - 1),
            evaluate_s=self.seconds["evaluate"] / self.looks,
        )

    def _fit_aligned(self, until: int, watch: _Watch) -> None:
        """Fit once: up to the next multiple of the unit, or from there in whole units."""
        ahead = self.pace.unit - self.step % self.pace.unit
        if self.step % self.pace.unit or until - self.step < self.pace.unit:
            steps, epochs = min(ahead, until - self.step), 1
        else:
            steps, epochs = self.pace.unit, (until - self.step) // self.pace.unit
        self.model.fit(
            self._batches(self.batch_size),
            steps_per_epoch=steps,
            epochs=epochs,
            shuffle=False,
            verbose=0,
            callbacks=[watch],
        )

    def count_step(self) -> None:
        """Take note of one more step."""
        self.step += 1
        self.images += self.batch_size
        if self._averages:
            self.average.after_step(self.step)

    def count_time(self) -> None:
        """Add to the seconds of fit what has passed since the last call, evaluations left out."""
        (since_s, before_s), now_s = self._counted, time.monotonic()
        self._counted = now_s, self.seconds["evaluate"]
        self.seconds["fit"] += now_s - since_s - (self.seconds["evaluate"] - before_s)

    def _batches(self, batch_size: int) -> tf.data.Dataset:
        """Return what comes next: batches without end."""
        return training_batches(
            self._dataset.x_train,
            self._dataset.y_train,
            batch_size=batch_size,
            seed=self._seed,
            augmentation=self.candidate.augmentation,
            skip_steps=self.step,
        )


class _Watch(keras.callbacks.Callback):
    """Counts the steps and asks, after each and at every unit, whether to go on."""

    def __init__(
        self,
        training: Training,
        on_batch: Callable[[Mapping[str, float]], bool],
        on_unit: Callable[[Mapping[str, float]], bool],
    ) -> None:
        super().__init__()
        self.stopped = False
        self._started = time.monotonic()
        self._training = training
        self._on_batch = on_batch
        self._on_unit = on_unit

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        self._training.count_step()
        if self._training.first_step_ended is None:
            self._training.first_step_ended = now = time.monotonic()
            self._training.seconds["first_step"] = now - self._started
        if not self._on_batch(logs or {}):
            self._stop()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        if logs and not math.isfinite(logs["loss"]):
            raise Diverged(f"the training loss became {logs['loss']} by step {self._training.step}")
        self._training.count_time()
        if (
            not self.stopped
            and self._training.step % self._training.pace.unit == 0
            and not self._on_unit(logs or {})
        ):
            self._stop()

    def _stop(self) -> None:
        self.stopped = True
        self.model.stop_training = True


def batch_within(most: int, images: Any) -> int:
    """Return how many of `images` (count, height, width, channels) go through a network at once."""
    height, width = (int(side) for side in images.shape[1:3])
    return max(1, min(most, BATCH_PIXELS // (height * width)))


def statistics_images(images: Any) -> int:
    """Return on how many of `images` the statistics of batch normalizations are taken."""
    height, width = (int(side) for side in images.shape[1:3])
    as_many_pixels = STATISTICS_IMAGES * 64**2 // (height * width)
    return max(LEAST_STATISTICS_IMAGES, min(STATISTICS_IMAGES, as_many_pixels))


def look_steps(dataset: Dataset, batch_size: int) -> float:
    """Return how many training steps take about as long as one look."""
    looked_at = len(dataset.x_validation) + statistics_images(dataset.x_train)
    return FORWARD_SHARE * looked_at / batch_size


def out_of_memory(error: BaseException) -> bool:
    """Tell whether `error` says that memory, of the device or of the machine, ran out."""
    if isinstance(error, MemoryError | tf.errors.ResourceExhaustedError):
        return True
    return isinstance(error, tf.errors.OpError) and any(
        words in str(error) for words in _NO_MEMORY_LEFT
    )
