"""What all parts of a worker share while it works on one run."""

from __future__ import annotations

from dataclasses import dataclass

from cnnsearch.data import Dataset
from cnnsearch.records.events import RunClock
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import Study
from cnnsearch.space import SearchSpace
from cnnsearch.tuning.budget import Budget
from cnnsearch.tuning.rungs import RungPlan
from cnnsearch.tuning.worker.channel import Channel


@dataclass(frozen=True)
class Run:
    """A run opened by a worker; `dataset` is where the training reads it from."""

    folder: RunFolder
    space: SearchSpace
    dataset: Dataset
    study: Study
    plan: RungPlan
    budget: Budget
    clock: RunClock
    channel: Channel
    import_s: float = 4.0  # loading the libraries took, which the export's proof does again
    worker: int = 0
    workers: int = 1  # that search side by side

    def warn(self, message: str) -> None:
        """Tell the user of what went wrong and is seen to."""
        self.channel.send("warning", message=message)

    @property
    def metric(self) -> str:
        """Return the name of the validation score that the search is after: `val_accuracy`."""
        return next(iter(self.space.objectives))
