"""Runs put together by hand, as a search leaves them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnsearch.records.files import append_json_line
from cnnsearch.records.folder import RunFolder, create_run_folder, write_run_facts
from cnnsearch.records.study import Study, create_study, open_study
from cnnsearch.records.test_split import TestPredictions, write_test_predictions
from cnnsearch.records.trial import State
from cnnsearch.results.summary import write_summary
from cnnsearch.space import Setting, WholeRange

WIDTH = "architecture.stem.width"
FACTS: dict[str, Any] = {
    "space": "small",
    "dataset": {"name": "bars", "shape": [8, 8, 1], "validation": 200, "test": 263},
    "budget": {"time_s": 100.0, "trials": None, "reserve": 0.25},
    "seed": 7,
    "objectives": {"val_accuracy": "max"},
    "versions": {"cnnsearch": "0.1.0"},
}
MakeRun = Callable[..., RunFolder]


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Return a function that makes a run without trials and events."""

    def make(name: str = "night", **facts: Any) -> RunFolder:
        folder = create_run_folder(tmp_path / "runs", name, "small")
        facts = FACTS | facts
        create_study(folder.journal, facts["objectives"])
        write_run_facts(folder, "name: small\n", facts)
        return folder

    return make


def add_trial(
    folder: RunFolder,
    state: State,
    looks: dict[int, float],
    *,
    seconds: dict[str, float] | None = None,
    message: str | None = None,
    macs: int = 2_000_000,
    measured: dict[str, dict[str, float]] | None = None,
) -> Study:
    """Add a trial that ended so, or is running."""
    study = open_study(folder.journal, writing=True)
    choices = {WIDTH: Setting(WIDTH, WholeRange(1, 64))}
    number = study.add_trial({WIDTH: 8}, choices, parameters=61_706, macs=macs).number
    if measured:
        study.note(number, measured=measured)
    for step, value in looks.items():
        study.report(number, step, value)
    if state != "running":
        study.end_trial(number, state, seconds=seconds or {}, message=message)
    return study


def add_event(folder: RunFolder, event: str, elapsed_s: float, **facts: Any) -> None:
    stamped = {"time": 1.7e9 + elapsed_s, "elapsed_s": elapsed_s, "event": event, **facts}
    append_json_line(folder.events, stamped)


SPACE = """\
name: small
architecture: {stages: [{width: 8}]}
gate:
"""


def finish(
    folder: RunFolder,
    right: Sequence[bool],
    *,
    keep: bool = True,
    value: float = 0.85,
    gate: str = "  test_accuracy: {min: 0.5, max_drop: 0.02}",
    **trial: Any,
) -> RunFolder:
    """Finish a run whose winner is right about these test images; `keep` its predictions."""
    add_event(folder, "run_started", 0)
    add_event(folder, "worker_ready", 5, import_s=4.0, device="CPU")
    study = add_trial(folder, "complete", {60: 0.5, 180: 0.8}, **trial)
    winner = {"trial": 0, "value": value, "steps": 360, "annealed_steps": 180}
    study.note_study(
        winner={**winner, "checkpoint": "finished.npz"},
        tested={"correct": sum(right), "count": len(right)},
        exports=[{"format": "keras", "path": "export/model.keras", "size_bytes": 1_000}],
    )
    if keep:
        labels = np.arange(len(right)) % 2
        answers = np.where(right, labels, 1 - labels)
        predictions = TestPredictions(np.eye(2, dtype=np.float32)[answers], labels)
        write_test_predictions(folder, predictions)
    folder.space_file.write_text(f"{SPACE}{gate}\n", encoding="utf-8")
    write_summary(folder)
    return folder


def data(fingerprint: str = "f", name: str = "bars", **facts: Any) -> dict[str, Any]:
    """Return the facts of a dataset, as a run keeps them."""
    return {**FACTS["dataset"], "name": name, "fingerprint": fingerprint, **facts}
