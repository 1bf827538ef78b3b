"""Where the time of a run went, from its events and the trials' own clocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnnsearch.records.events import Event
from cnnsearch.records.trial import TrialRecord


def timing(events: Sequence[Event], trials: Sequence[TrialRecord]) -> dict[str, Any]:
    """Return seconds by kind, and the share of the search's wall time inside fit and evaluation.

    The search's time counts from each worker's readiness (imports are over) to the end of its
    last trial; that of workers side by side adds up.
    """
    fit = sum(trial.seconds.get("fit", 0.0) for trial in trials)
    evaluate = sum(trial.seconds.get("evaluate", 0.0) for trial in trials)
    search = _search_s(events)
    return {
        "elapsed_s": max((event.get("elapsed_s", 0.0) for event in events), default=0.0),
        "import_s": sum(
            event.get("import_s", 0.0) for event in events if event["event"] == "worker_ready"
        ),
        "search_s": search,
        "fit_s": fit,
        "evaluate_s": evaluate,
        "training_share": (fit + evaluate) / search if search else None,
        "trials": len(trials),
    }


def _search_s(events: Sequence[Event]) -> float:
    workers = {event.get("worker", 0) for event in events}
    return sum(
        _search_of_one_s([event for event in events if event.get("worker", 0) == worker])
        for worker in workers
    )


def _search_of_one_s(events: Sequence[Event]) -> float:
    total, since, last = 0.0, None, 0.0
    for event in events:
        if event["event"] == "worker_ready":
            total += last - since if since is not None else 0.0
            since = last = event["elapsed_s"]
        elif event["event"] == "trial_ended":
            last = event["elapsed_s"]
    return total + (last - since if since is not None else 0.0)
