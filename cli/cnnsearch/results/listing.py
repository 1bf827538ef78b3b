"""One line for each run, for `cnnsearch runs`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from cnnsearch.errors import RunError
from cnnsearch.records.folder import RunFolder
from cnnsearch.results.summary import summarize


def list_runs(folders: Iterable[RunFolder]) -> list[dict[str, Any]]:
    """Return what a list shows of each run; a damaged run is listed as such."""
    return [_row(folder) for folder in folders]


def _row(folder: RunFolder) -> dict[str, Any]:
    try:
        summary = _read(folder)
    except (RunError, KeyError, TypeError):
        return {"name": folder.name, "state": "damaged"}
    values = [trial["value"] for trial in summary["trials"] if trial["value"] is not None]
    winner, run = summary["winner"], summary["run"]
    return {
        "name": folder.name,
        "state": run["state"],
        "started": run["started"],
        "trials": len(summary["trials"]),
        "value": winner["value"] if winner else max(values, default=None),
        "test_accuracy": summary["test"],
        "space": run["space"],
        "dataset": run["dataset"]["name"],
    }


def _read(folder: RunFolder) -> dict[str, Any]:
    """Return summary.json of a finished run, which costs less than reading its study."""
    try:
        found: dict[str, Any] = json.loads(folder.summary.read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError):
        return summarize(folder)
