"""The end of a trial that did not end itself when its time was over."""

from __future__ import annotations

import time

from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import open_study
from cnnsearch.tuning.chronicle import Chronicle
from cnnsearch.tuning.worker_process import WorkerProcess


def end_overdue_trial(folder: RunFolder, worker: WorkerProcess, chronicle: Chronicle) -> None:
    """Record the trial of a killed worker as out of time, so that no other takes it up."""
    study = open_study(folder.journal)
    number = worker.trial
    if number is None or number not in study.unfinished():  # it has just ended
        return
    if study.trial(number).worker != worker.place.index:  # another has just taken it up
        return
    saved = study.trial(number).seconds
    total_s = saved.get("total", 0.0) + time.monotonic() - worker.saved_s
    message = "it did not end when `budget.trial_time` was over, and was ended"
    record = study.end_trial(
        number, "timed_out", seconds={**saved, "total": total_s}, message=message
    )
    chronicle.record(
        "trial_ended",
        worker=worker.place.index,
        trial=record.number,
        state=record.state,
        value=record.value,
        step=record.steps,
        seconds=total_s,
        message=message,
    )
