"""How a trial ended, and the record of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from cnnsearch.records.trial import State, TrialRecord
from cnnsearch.tuning.worker.run import Run


@dataclass
class Outcome:
    """How a trial ended, before it is recorded."""

    state: State
    seconds: dict[str, float] = field(default_factory=dict)
    message: str | None = None
    step: int = 0  # of the plan, where its training stood; a look may be further back


def record_outcome(run: Run, number: int, outcome: Outcome) -> TrialRecord:
    """Record how a trial ended, or that it waits, and tell of it."""
    if outcome.state == "paused":
        record = run.study.pause(number, seconds=outcome.seconds)
        run.channel.send("trial_paused", trial=number, step=record.steps)
        return record
    record = run.study.end_trial(
        number, outcome.state, seconds=outcome.seconds, message=outcome.message
    )
    run.channel.send(
        "trial_ended",
        trial=record.number,
        state=record.state,
        value=record.value,
        step=max(outcome.step, record.steps),
        seconds=record.seconds.get("total", 0.0),
        message=record.message,
    )
    return record
