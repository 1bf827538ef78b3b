"""AutoKeras, as its tutorial uses it; it needs an older Keras than `cnnsearch` does."""

from __future__ import annotations

import tempfile

import autokeras
from tests.benchmarks.competitors.contest import Contest
from tests.benchmarks.competitors.keras_tuner_search import no_tensorboard
from tests.benchmarks.competitors.watch import Watch

from cnnsearch.data import Dataset

MOST_TRIALS = 100  # its own default


def search(contest: Contest, dataset: Dataset, watch: Watch) -> None:
    """Search with `autokeras.ImageClassifier`, which is built on KerasTuner."""
    with tempfile.TemporaryDirectory(prefix="autokeras-") as folder, no_tensorboard():
        classifier = autokeras.ImageClassifier(
            max_trials=MOST_TRIALS, directory=folder, seed=contest.seed
        )
        classifier.fit(
            dataset.x_train,
            dataset.y_train,
            validation_data=(dataset.x_validation, dataset.y_validation),
            callbacks=[watch],
            verbose=0,
        )
