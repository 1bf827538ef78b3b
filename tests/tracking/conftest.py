"""A run to be logged, put together by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.results.conftest import FACTS, add_event

from cnnsearch.records.folder import RunFolder, create_run_folder, write_run_facts

HISTORY = "step,train_loss,train_accuracy,val_loss,val_accuracy\n"


def add_look(folder: RunFolder, trial: int, step: int, value: float, elapsed_s: float) -> None:
    file = folder.trial(trial) / "history.csv"
    file.parent.mkdir(exist_ok=True)
    if not file.exists():
        file.write_text(HISTORY, encoding="ascii")
    with file.open("a", encoding="ascii") as history:
        history.write(f"{step},0.500000,,0.400000,{value:.6f}\n")
    add_event(folder, "look", elapsed_s, trial=trial, step=step, value=value, verdict="goes on")


def start_trial(folder: RunFolder, trial: int, elapsed_s: float) -> None:
    settings = {"training.learning_rate": 0.01, "architecture.head.units": [64]}
    costs = {"parameters": 61_706, "macs": 2_000_000}
    add_event(folder, "trial_started", elapsed_s, trial=trial, settings=settings, **costs)


@pytest.fixture
def begun(tmp_path: Path) -> RunFolder:
    """A run that was killed: one trial has failed, one was cut short after its first look."""
    folder = create_run_folder(tmp_path / "runs", "night", "small")
    write_run_facts(folder, "name: small\n", FACTS)
    add_event(folder, "run_started", 0, run="night", space="small", objectives=FACTS["objectives"])
    start_trial(folder, 0, 1)
    add_event(folder, "trial_ended", 2, trial=0, state="diverged")
    start_trial(folder, 1, 3)
    add_look(folder, 1, 140, 0.75, 4)
    return folder


def go_on(folder: RunFolder) -> None:
    """Let the run be resumed, and end."""
    add_event(folder, "run_started", 10, run="night", space="small", resumed=True)
    start_trial(folder, 1, 11)
    add_look(folder, 1, 420, 0.875, 12)
    add_event(folder, "trial_ended", 13, trial=1, state="complete")
    add_event(folder, "finished", 14, trial=1, value=0.9375)
    add_event(folder, "tested", 15, accuracy=0.9, low=0.85, high=0.95, count=263)
    add_event(folder, "phase", 16, phase="done")
