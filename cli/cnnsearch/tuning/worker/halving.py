"""What a trial goes on with that had too little memory."""

from __future__ import annotations

from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import draw, replay
from cnnsearch.tuning.worker.run import Run


def halve_batch(record: TrialRecord, run: Run) -> None:
    """Let a trial go on at half of the batch that was drawn, from its last checkpoint."""
    drawn = draw(run.space, replay(record.settings)).training.batch_size
    run.study.note(record.number, batch_size=max(1, drawn // 2))
