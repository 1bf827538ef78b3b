"""Runs put together by hand, as a search leaves them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnnsearch.records.files import append_json_line
from cnnsearch.records.folder import RunFolder, create_run_folder, write_run_facts
from cnnsearch.records.study import State, Study, create_study, open_study
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
