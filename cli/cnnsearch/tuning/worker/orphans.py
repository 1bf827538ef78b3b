"""Trials whose worker died: taken up once more, or given up."""

from __future__ import annotations

from cnnsearch.records.claims import is_held
from cnnsearch.records.trial import TrialRecord
from cnnsearch.tuning.worker.halving import halve_batch
from cnnsearch.tuning.worker.outcome import Outcome
from cnnsearch.tuning.worker.run import Run

MOST_ATTEMPTS = 2  # a trial whose worker died is taken up once more


def is_orphan(record: TrialRecord, run: Run) -> bool:
    """Tell whether nobody works on a trial that runs: its worker is dead, or was this one."""
    if record.state != "running":
        return False
    return record.worker == run.worker or not is_held(run.folder.worker_lock(record.worker))


def given_up(record: TrialRecord) -> Outcome | None:
    """Return how a trial ended that took its workers with it too often, if it did."""
    if record.attempts < MOST_ATTEMPTS:
        return None
    if record.starved:
        starved = "the system killed its worker for want of memory"
        return Outcome("out_of_memory", dict(record.seconds), starved)
    return Outcome("crashed", dict(record.seconds), f"its worker died {record.attempts} times")


def adopt(record: TrialRecord, run: Run) -> None:
    """Record that this worker takes the trial up, at half the batch if its worker starved."""
    if record.starved and record.batch_size is None:
        halve_batch(record, run)
    run.study.note(record.number, attempts=record.attempts + 1, worker=run.worker)
