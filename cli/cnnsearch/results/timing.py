"""Where the time of a run went, from its events and the trials' own clocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cnnsearch.records.events import SEARCHED, Event, elapsed_s
from cnnsearch.records.trial import TrialRecord


def timing(events: Sequence[Event], trials: Sequence[TrialRecord]) -> dict[str, Any]:
    """Return seconds by kind, and the share of the search's wall time inside fit and evaluation.

    The search's time counts from each worker's readiness (imports are over) to the end of the last
    trial of all, or to where one was last saved, so that a worker with nothing to do counts too;
    one that died or was replaced counts up to there only. That of workers side by side adds up.
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
        "workers": worker_count(events),
    }


def stages(events: Sequence[Event], until_s: float) -> dict[str, int]:
    """Return how many seconds of run time each stage of a run took, up to the time `until_s`.

    They are whole seconds that add up to all of them. In `loading` no worker was ready.
    """
    spent = {"loading": 0, "search": 0, "finish": 0, "export": 0}
    stage, since_s = "search", 0
    ready: set[int] = set()
    for event in events:
        now_s = math.floor(elapsed_s(event))
        spent[stage if ready else "loading"] += now_s - since_s
        since_s = now_s
        _note_readiness(event, ready)
        stage = event["phase"] if event.get("phase") in spent else stage
    spent[stage if ready else "loading"] += math.floor(until_s) - since_s
    return spent


def _note_readiness(event: Event, ready: set[int]) -> None:
    """Change which workers are at work to what an event tells of them."""
    if event["event"] == "run_started":
        ready.clear()
    elif event["event"] == "worker_ready":
        ready.add(event.get("worker", 0))
    elif event["event"] == "worker_ended":
        ready.discard(event.get("worker", 0))


def worker_count(events: Sequence[Event]) -> int:
    """Return how many workers a run has had side by side."""
    return len({event.get("worker", 0) for event in events if event["event"] == "worker_ready"})


def _search_s(events: Sequence[Event]) -> float:
    total, last = 0.0, 0.0
    since: dict[int, float] = {}  # worker -> when it was ready
    for event in events:
        if event["event"] == "run_started":
            total += sum(max(0.0, last - start) for start in since.values())
            since.clear()
        elif event["event"] == "worker_ready":
            worker = event.get("worker", 0)
            total += max(0.0, last - since.get(worker, last))
            since[worker] = event["elapsed_s"]
        elif event["event"] == "worker_ended" and event.get("exit_code") != SEARCHED:
            total += max(0.0, last - since.pop(event.get("worker", 0), last))
        elif event["event"] in ("trial_ended", "saved", "search_ended"):
            last = event["elapsed_s"]
    return total + sum(max(0.0, last - start) for start in since.values())
