"""Watches every training of a search: keeps the best network, and ends the search in time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from tests.benchmarks.competitors.contest import Contest, Outcome, add_moment

from cnnsearch.data import Dataset

PREDICTION_BATCH = 500  # images


class SearchIsOver(BaseException):
    """The deadline has passed; no Exception, for tuners catch those of a trial and go on."""


class Watch(keras.callbacks.Callback):
    """Goes into every `fit` of one search, first of the callbacks."""

    def __init__(self, contest: Contest) -> None:
        super().__init__()
        self._contest = contest
        self._trials = 0
        self._best_validation = 0.0
        self._best: tuple[keras.Model, list[Any]] | None = None  # with its weights of then

    def __deepcopy__(self, memo: dict[int, Any]) -> Watch:
        return self  # KerasTuner copies the callbacks for each trial

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        if self._trials == self._contest.trials:
            raise SearchIsOver
        self._end_in_time()
        self._trials += 1

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        self._end_in_time()

    def on_test_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        self._end_in_time()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        validation = round((logs or {})["val_accuracy"], 6)  # float32 holds no more
        if self._best is None or validation > self._best_validation:
            self._best = (self.model, self.model.get_weights())
        self._best_validation = add_moment(self._contest, validation, self._best_validation)

    def outcome(self, dataset: Dataset) -> Outcome:
        """Read the test images, once, and return how the best network does on them."""
        if self._best is None:
            return Outcome(self._trials)
        model, weights = self._best
        model.set_weights(weights)
        predicted = model.predict(dataset.x_test, batch_size=PREDICTION_BATCH, verbose=0)
        return Outcome(
            trials=self._trials,
            validation=self._best_validation,
            correct=int(np.sum(predicted.argmax(-1) == dataset.y_test)),
            count=len(dataset.y_test),
            parameters=model.count_params(),
        )

    def _end_in_time(self) -> None:
        if self._contest.elapsed_s() >= self._contest.seconds:
            raise SearchIsOver
