"""The loop that one writes by hand with Optuna: TPE proposes, Hyperband prunes after each epoch."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import optuna
from tests.benchmarks.competitors.contest import Contest
from tests.benchmarks.competitors.network import BATCH_SIZE, build
from tests.benchmarks.competitors.watch import Watch

from cnnsearch.data import Dataset

EPOCHS = 27  # of a trial that is never pruned: three rounds of a Hyperband that keeps a third
PATIENCE = 4  # epochs


class Pruning(keras.callbacks.Callback):
    """Tells a trial its score after each epoch, and ends it where Optuna says so."""

    def __init__(self, trial: optuna.Trial) -> None:
        super().__init__()
        self._trial = trial

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        self._trial.report((logs or {})["val_accuracy"], epoch)
        if self._trial.should_prune():
            raise optuna.TrialPruned


def search(contest: Contest, dataset: Dataset, watch: Watch) -> None:
    """Search until the watch ends it."""

    def objective(trial: optuna.Trial) -> float:
        keras.backend.clear_session()
        model = build(trial.suggest_categorical, dataset.shape, len(dataset.classes))
        patience = keras.callbacks.EarlyStopping("val_accuracy", patience=PATIENCE)
        history = model.fit(
            dataset.x_train,
            dataset.y_train,
            validation_data=(dataset.x_validation, dataset.y_validation),
            batch_size=BATCH_SIZE,
            epochs=EPOCHS,
            callbacks=[watch, Pruning(trial), patience],
            verbose=0,
        )
        return float(max(history.history["val_accuracy"]))

    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=contest.seed, multivariate=True),
        pruner=optuna.pruners.HyperbandPruner(min_resource=1, max_resource=EPOCHS),
    )
    study.optimize(objective)
