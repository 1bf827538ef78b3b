"""What a trial has trained, exported: at the end of a run, and by `cnnsearch export`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cnnsearch.architecture.costs import costs
from cnnsearch.data import Dataset
from cnnsearch.exporting.export import Evidence, Scored, export_model
from cnnsearch.exporting.formats import are_scored
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import Study
from cnnsearch.records.trial import TrialRecord
from cnnsearch.results.interval import wilson_interval
from cnnsearch.results.summary import summarize
from cnnsearch.tuning.worker.hypermodel import CandidateModel
from cnnsearch.tuning.worker.training import EVALUATION_BATCH, batch_within

SCORED_BYTES = 1 << 28  # images that int8 is scored on; of more, so many evenly spread


@dataclass(frozen=True)
class Trained:
    """A trained network in float32, of one trial of a run."""

    folder: RunFolder
    study: Study
    hypermodel: CandidateModel
    dataset: Dataset
    model: keras.Model
    number: int  # of the trial

    def export(self, target: Path, formats: Sequence[str]) -> dict[str, Any]:
        """Write it to the folder `target`, and return the manifest.

        Raises:
            CnnsearchError: A file is not equal to the network.
        """
        return export_model(
            self.model,
            target,
            formats=formats,
            classes=self.dataset.classes,
            evidence=self._evidence(formats),
            facts=self._facts(),
        )

    @property
    def is_winner(self) -> bool:
        winner = self.study.facts().get("winner")
        return winner is not None and winner["trial"] == self.number

    @property
    def _tested(self) -> Mapping[str, int] | None:
        """What is known of the test split, which only the winner has read."""
        return self.study.facts().get("tested") if self.is_winner else None

    def _evidence(self, formats: Sequence[str]) -> Evidence:
        return Evidence(
            held_out=self.dataset.x_validation,
            training=self.dataset.x_train,
            scored=self._scored() if are_scored(formats) else None,
        )

    def _scored(self) -> Scored:
        """Return the test split of a winner, the validation split of others, or a part of it."""
        tested, data = self._tested, self.dataset
        if tested is None:
            split, images, labels = "validation", data.x_validation, data.y_validation
        else:
            split, images, labels = "test", data.x_test, data.y_test
        chosen = _spread(images)
        if tested is not None and len(chosen) == len(labels):
            return Scored(images, labels, split, tested["correct"])
        images, labels = images[chosen], labels[chosen]
        return Scored(images, labels, split, self._right(images, labels))

    def _right(self, images: Any, labels: NDArray[np.int64]) -> int:
        batch_size = batch_within(EVALUATION_BATCH, images)
        found = self.model.predict(images, batch_size=batch_size, verbose=0)
        return int((found.argmax(-1) == labels).sum())

    def _facts(self) -> dict[str, Any]:
        record = self.study.trials()[self.number]
        candidate = self.hypermodel.candidate(record.settings)
        return {
            "run": self.folder.name,
            "trial": self.number,
            "is_winner": self.is_winner,
            "summary": summarize(self.folder, explained=False),
            "data": self.dataset.facts(),
            "network": costs(self.hypermodel.architecture(candidate)),
            "settings": dict(record.settings),
            "validation": self._validation(record),
            "test": None if self._tested is None else _interval(**self._tested),
        }

    def _validation(self, record: TrialRecord) -> dict[str, Any] | None:
        if "val_accuracy" not in self.study.objectives:
            return None
        value = self.study.facts()["winner"]["value"] if self.is_winner else record.value
        count = len(self.dataset.y_validation)
        return None if value is None else _interval(round(value * count), count)


def exported_rows(manifest: Mapping[str, Any], target: Path) -> list[dict[str, Any]]:
    """Return the models of an export, with their paths from the folder in which it lies."""
    return [{**row, "path": f"{target.name}/{row['path']}"} for row in manifest["models"]]


def _spread(images: Any) -> NDArray[np.int64]:
    """Return the indices of the images that int8 is scored on."""
    most = max(1, SCORED_BYTES // int(np.prod(images.shape[1:])))
    return np.linspace(0, len(images) - 1, min(most, len(images))).astype(np.int64)


def _interval(correct: int, count: int) -> dict[str, Any]:
    low, high = wilson_interval(correct, count)
    return {"accuracy": correct / count, "low": low, "high": high, "count": count}
