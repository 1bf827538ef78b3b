"""How far trials have come that have not ended: the study has what was saved last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnnsearch.records.events import Event, elapsed_s

AT_A_STEP = ("trial_started", "look", "saved", "progress")
LET_GO = ("trial_ended", "trial_paused", "worker_ended")


@dataclass(frozen=True)
class Flight:
    """What is known of the training of one trial so far."""

    step: int = 0
    seconds: float = 0.0  # of run time in which a worker had it


def flights(
    events: Sequence[Event], progress: Sequence[Event], until_s: float
) -> dict[int, Flight]:
    """Return how far each trial has come.

    Args:
        events: Of the run.
        progress: The latest of each worker.
        until_s: The run time now, or when the run was stopped or killed.
    """
    found: dict[int, Flight] = {}
    held: dict[int, tuple[int, float]] = {}  # by worker: its trial, and since when

    def let_go(worker: int, now_s: float) -> None:
        trial, since_s = held.pop(worker)
        spent_s = found[trial].seconds + max(0.0, now_s - since_s)
        found[trial] = Flight(found[trial].step, spent_s)

    for event in sorted((*events, *progress), key=elapsed_s):
        kind, now_s = event["event"], elapsed_s(event)
        trial, worker = event.get("trial"), event.get("worker", 0)
        gone = [worker] if kind in (*LET_GO, "trial_started") else []
        gone = [*held] if kind in ("run_started", "stopped") else gone
        for each in gone:
            if each in held:
                let_go(each, now_s)
        if kind in AT_A_STEP and isinstance(trial, int):
            found[trial] = Flight(_step(event), found.get(trial, Flight()).seconds)
            if kind == "trial_started":
                held[worker] = (trial, now_s)
    for worker in [*held]:
        let_go(worker, until_s)
    return found


def _step(event: Event) -> int:
    step = event.get("step")
    return step if isinstance(step, int) else 0
