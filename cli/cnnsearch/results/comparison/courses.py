"""How runs came to their scores, as plots show it: over time, and against networks' costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnnsearch.records.events import Event, read_events
from cnnsearch.records.folder import RunFolder
from cnnsearch.results.finished import Finished
from cnnsearch.results.report.curves import cost_front, over_time

COSTS = ("parameters", "macs")


def courses(runs: Sequence[Finished]) -> list[dict[str, Any]]:
    """Return the course of each search; a summary without its run's events has no times."""
    measured = _shared_costs(runs)
    return [_course(run, (*COSTS, *measured)) for run in runs]


def _shared_costs(runs: Sequence[Finished]) -> list[str]:
    """Return the latencies that all runs were after, if all were measured on the same device."""
    if len({run.summary.run.device for run in runs}) > 1:
        return []
    first, *others = (list(run.summary.run.objectives)[1:] for run in runs)
    return [name for name in first if name not in COSTS and all(name in other for other in others)]


def _course(run: Finished, costs: Sequence[str]) -> dict[str, Any]:
    summary = run.summary.model_dump()
    score, way = next(iter(summary["run"]["objectives"].items()))
    maximize = way == "max"
    return {
        "score": score,
        "winner": summary["winner"] and summary["winner"]["trial"],
        "over_time": over_time(_events(run), summary["trials"], maximize=maximize),
        "fronts": [cost_front(summary["trials"], cost, maximize=maximize) for cost in costs],
    }


def _events(run: Finished) -> list[Event]:
    """Return the events of a run; beside a summary of another name, they may be another's."""
    folder = RunFolder(run.path)
    return read_events(folder.events) if run.file == folder.summary else []
