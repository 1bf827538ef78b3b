"""Studies as a worker writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cnnsearch.records.study import Study, create_study
from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Choice, RealRange, Setting, Value, WholeRange

WIDTH, RATE, UNITS = "architecture.stem.width", "training.learning_rate", "architecture.head.units"
SETTINGS: dict[str, Value] = {WIDTH: 16, RATE: 0.003, UNITS: [128]}
CHOICES = {
    WIDTH: Setting(WIDTH, WholeRange(8, 64, step=8)),
    RATE: Setting(RATE, RealRange(1e-4, 1e-1, log=True)),
    UNITS: Setting(UNITS, Choice(([], [128]))),
}
Add = Callable[..., TrialRecord]


def add_trial(study: Study, *, parameters: int = 1_000, macs: int = 5_000) -> TrialRecord:
    """Begin a trial with the usual settings."""
    return study.add_trial(SETTINGS, CHOICES, parameters=parameters, macs=macs)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "study.journal"


@pytest.fixture
def study(journal: Path) -> Study:
    return create_study(journal, {"val_accuracy": "max"})
