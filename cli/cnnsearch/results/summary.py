"""What a run found, as one plain dictionary: for `--json`, summary.json and the tables."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from cnnsearch.records.events import Event, Heartbeat, Progress, read_events, spent_s
from cnnsearch.records.files import write_json
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import open_study
from cnnsearch.records.trial import TrialRecord
from cnnsearch.results.explanation import explain
from cnnsearch.results.front import front
from cnnsearch.results.in_flight import Flight, flights
from cnnsearch.results.interval import wilson_interval
from cnnsearch.results.timing import timing

SUMMARY_VERSION = 1


def summarize(folder: RunFolder, *, explained: bool = True) -> dict[str, Any]:
    """Return what the run has found so far; why it did so only where that is `explained`.

    Raises:
        RunError: The folder is damaged or no run.
    """
    facts = folder.read_facts()
    events = read_events(folder.events)
    study = open_study(folder.journal)
    trials, found = study.trials(), study.facts()
    run = _run(folder, facts, events)
    in_training = any(trial.state == "running" for trial in trials)
    progress = Progress(folder.progress).read() if in_training else []
    flown = flights(events, progress, run["elapsed_s"]) if in_training else {}
    return {
        "version": SUMMARY_VERSION,
        "run": run,
        "winner": _winner(found.get("winner"), trials),
        "validation": _validation(found.get("winner"), facts),
        "front": front(study.objectives, trials, events),
        "test": _interval(**found["tested"]) if found.get("tested") else None,
        "counts": {"trials": len(trials), **Counter(trial.state for trial in trials)},
        "ended_because": _ended_because(found.get("search_ended")),
        "infeasible": _infeasible(events),
        "explanation": explain(folder, study) if explained else None,
        "exports": found.get("exports", []),
        "timing": timing(events, trials),
        "trials": [_trial(trial, flown.get(trial.number, Flight())) for trial in trials],
    }


def read_summary(folder: RunFolder) -> dict[str, Any]:
    """Return the summary that a finished run has written, or else what was found so far.

    Raises:
        RunError: The folder is damaged or no run.
    """
    try:
        found: dict[str, Any] = json.loads(folder.summary.read_text(encoding="utf-8"))
        if found["version"] == SUMMARY_VERSION:
            return found
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return summarize(folder)


def write_summary(folder: RunFolder) -> dict[str, Any]:
    """Write summary.json, which marks the run as finished, and return its content."""
    summary = summarize(folder)
    summary["run"]["state"] = "finished"
    write_json(folder.summary, summary)
    return summary


def _run(folder: RunFolder, facts: dict[str, Any], events: list[Event]) -> dict[str, Any]:
    devices = [event["device"] for event in events if event["event"] == "worker_ready"]
    started = (
        datetime.fromtimestamp(events[0]["time"], UTC).isoformat(timespec="seconds")
        if events
        else None
    )
    return {
        "name": folder.name,
        "folder": str(folder.path),
        "state": state_of(folder, events),
        "space": facts["space"],
        "dataset": facts["dataset"],
        "device": devices[-1] if devices else None,
        "seed": facts["seed"],
        "began_with": facts.get("began_with"),
        "objectives": facts["objectives"],
        "started": started,
        "elapsed_s": round(max(spent_s(events), Heartbeat(folder.heartbeat).last_s()), 1),
        "budget": facts["budget"],
        "versions": facts["versions"],
    }


def state_of(folder: RunFolder, events: list[Event]) -> str:
    """Return finished, running, stopped, failed or killed (ended without a word)."""
    if folder.summary.exists():
        return "finished"
    return "running" if folder.in_progress() else how_it_ended(events)


def how_it_ended(events: list[Event]) -> str:
    """Return stopped, failed or killed: of a run without summary that nobody works on."""
    last = events[-1] if events else {}
    if last.get("event") != "stopped":
        return "killed"
    return "stopped" if last.get("exit_code") in (75, 130, 143) else "failed"


def _ended_because(ended: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return why the search ended: `time`, `trials`, `target`, `patience` or `space`, and words."""
    return None if ended is None else {k: ended[k] for k in ("reason", "message", "elapsed_s")}


def _winner(winner: dict[str, Any] | None, trials: list[TrialRecord]) -> dict[str, Any] | None:
    if winner is None:
        return None
    trial = trials[winner["trial"]]
    return {
        "trial": trial.number,
        "value": winner["value"],
        "value_in_search": trial.value,
        "scored_step": trial.scored_step,
        "parameters": trial.parameters,
        "macs": trial.macs,
        "measured": {name: dict(found) for name, found in trial.measured.items()},
        "settings": dict(trial.settings),
        "parent": trial.parent,
        "steps": winner["steps"],
        "annealed_steps": winner["annealed_steps"],
    }


def _validation(winner: dict[str, Any] | None, facts: dict[str, Any]) -> dict[str, Any] | None:
    if winner is None or "val_accuracy" not in facts["objectives"]:
        return None
    count = facts["dataset"]["validation"]
    return _interval(correct=round(winner["value"] * count), count=count)


def _interval(correct: int, count: int) -> dict[str, Any]:
    low, high = wilson_interval(correct, count)
    return {
        "accuracy": correct / count,
        "low": low,
        "high": high,
        "correct": correct,
        "count": count,
    }


def _infeasible(events: list[Event]) -> dict[str, Any]:
    """Add up the sessions: each worker counts from zero."""
    ends: list[Event] = []  # what each worker said last
    last: dict[int, Event] = {}
    for event in events:
        worker = event.get("worker", 0)
        if event["event"] == "infeasible":
            last[worker] = event
        elif event["event"] == "worker_ready" and worker in last:
            ends.append(last.pop(worker))
    ends += last.values()
    reasons = Counter[str]()
    for event in ends:
        reasons.update(event["reasons"])
    return {"count": sum(event["count"] for event in ends), "reasons": dict(reasons)}


def _trial(trial: TrialRecord, flight: Flight) -> dict[str, Any]:
    """Return what is known of a trial; of one in training the study has what was saved last."""
    in_training, seconds = trial.state == "running", trial.seconds.get("total", 0.0)
    return {
        "number": trial.number,
        "state": trial.state,
        "value": trial.value,
        "parameters": trial.parameters,
        "macs": trial.macs,
        "measured": {name: dict(found) for name, found in trial.measured.items()},
        "parent": trial.parent,
        "steps": trial.steps,
        "looks": {str(step): value for step, value in trial.looks.items()},
        "seconds": round(max(seconds, flight.seconds) if in_training else seconds, 2),
        "last_step": max(trial.steps, flight.step) if in_training else None,
        "settings": dict(trial.settings),
        "message": trial.message,
    }
