"""KerasTuner's own tuners, as its guide uses them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import keras
import keras_tuner
from tests.benchmarks.competitors.contest import Contest
from tests.benchmarks.competitors.network import BATCH_SIZE, build
from tests.benchmarks.competitors.watch import Watch

from cnnsearch.data import Dataset

HYPERBAND_EPOCHS = 27  # of a trial that is promoted every time
RANDOM_EPOCHS, PATIENCE = 10, 2
MOST_TRIALS = 10_000  # more than there is time for
OBJECTIVE = keras_tuner.Objective("val_accuracy", "max")


def hyperband(contest: Contest, dataset: Dataset, watch: Watch) -> None:
    """Search with `keras_tuner.Hyperband`, which sets the epochs of a trial itself."""
    _search(keras_tuner.Hyperband, {"max_epochs": HYPERBAND_EPOCHS}, contest, dataset, [watch], {})


def random_search(contest: Contest, dataset: Dataset, watch: Watch) -> None:
    """Search with `keras_tuner.RandomSearch`."""
    patience = keras.callbacks.EarlyStopping("val_accuracy", patience=PATIENCE)
    _search(
        keras_tuner.RandomSearch,
        {"max_trials": MOST_TRIALS},
        contest,
        dataset,
        [watch, patience],
        {"epochs": RANDOM_EPOCHS},
    )


@contextmanager
def no_tensorboard() -> Iterator[None]:
    """Let KerasTuner train without TensorBoard, which it imports whether one uses it or not."""
    with patch.object(keras_tuner.Tuner, "_configure_tensorboard_dir"):
        yield


def _search(
    tuner: type[Any],
    options: dict[str, Any],
    contest: Contest,
    dataset: Dataset,
    callbacks: list[keras.callbacks.Callback],
    fit: dict[str, Any],
) -> None:
    def hypermodel(settings: keras_tuner.HyperParameters) -> keras.Model:
        return build(settings.Choice, dataset.shape, len(dataset.classes))

    with tempfile.TemporaryDirectory(prefix="keras-tuner-") as folder, no_tensorboard():
        tuner(
            hypermodel, objective=OBJECTIVE, directory=folder, seed=contest.seed, **options
        ).search(
            dataset.x_train,
            dataset.y_train,
            validation_data=(dataset.x_validation, dataset.y_validation),
            batch_size=BATCH_SIZE,
            callbacks=callbacks,
            verbose=0,
            **fit,
        )
