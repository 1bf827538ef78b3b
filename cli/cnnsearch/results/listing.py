"""One line for each run, for `cnnsearch runs`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from cnnsearch.errors import RunError
from cnnsearch.records.damage import refuse_damaged
from cnnsearch.records.folder import RunFolder
from cnnsearch.results.ranking import best_first
from cnnsearch.results.summary import summarize


def list_runs(folders: Iterable[RunFolder]) -> list[dict[str, Any]]:
    """Return what a list shows of each run; a damaged run is listed as such."""
    return [_row(folder) for folder in folders]


def _row(folder: RunFolder) -> dict[str, Any]:
    try:
        refuse_damaged(folder)
        return _shown(folder.name, _read(folder))
    except (RunError, KeyError, TypeError):
        return {"name": folder.name, "state": "damaged"}


def _shown(name: str, summary: dict[str, Any]) -> dict[str, Any]:
    winner, run = summary["winner"], summary["run"]
    return {
        "name": name,
        "state": run["state"],
        "started": run["started"],
        "trials": summary["counts"]["trials"],
        "value": winner["value"] if winner else _best_so_far(summary),
        "test_accuracy": summary["test"],
        "space": run["space"],
        "dataset": run["dataset"]["name"],
    }


def _best_so_far(summary: dict[str, Any]) -> float | None:
    best = best_first(summary["trials"], summary["run"]["objectives"])
    return best[0]["value"] if best else None


def _read(folder: RunFolder) -> dict[str, Any]:
    """Return summary.json of a finished run, which costs less than reading its study."""
    try:
        found: dict[str, Any] = json.loads(folder.summary.read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError):
        return summarize(folder, explained=False)
