"""What every competitor is given, and what each leaves in its folder: a curve and an outcome."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from cnnsearch.data import Dataset, open_dataset
from cnnsearch.records.files import append_json_line, read_json_lines, write_json

VALIDATION_SHARE = 0.1  # of the training images


@dataclass(frozen=True)
class Contest:
    """The data, the seed, the time, and a folder for what comes of them."""

    data: str  # what `cnnsearch run --data` takes
    seed: int  # of the split and of the search
    seconds: int  # until the deadline, imports included
    trials: int | None  # after which to stop in any case
    folder: str
    started: float  # seconds since the epoch, taken before the competitor's process was started

    @classmethod
    def from_json(cls, text: str) -> Contest:
        """Return the contest that `to_json` wrote."""
        return cls(**json.loads(text))

    def to_json(self) -> str:
        """Return the contest as one line, to hand to another process."""
        return json.dumps(asdict(self))

    def elapsed_s(self) -> float:
        """Return the seconds since the start."""
        return time.time() - self.started

    def open_dataset(self) -> Dataset:
        """Return the data, split as a run of `cnnsearch` with this seed splits it."""
        return open_dataset(self.data, validation=VALIDATION_SHARE, seed=self.seed)


@dataclass(frozen=True)
class Moment:
    """How good the best network was, so many seconds after the start."""

    elapsed_s: float
    best_validation: float


@dataclass(frozen=True)
class Outcome:
    """What a competitor found; no figures where it had no network when the time was up."""

    trials: int  # trainings begun
    validation: float | None = None  # accuracy of the best network, 0 to 1
    correct: int | None = None  # of the test images
    count: int | None = None  # of test images
    parameters: int | None = None


def add_moment(contest: Contest, validation: float, best: float) -> float:
    """Add a score of now to the curve and return the best so far."""
    best = max(best, validation)
    append_json_line(_curve(contest), asdict(Moment(round(contest.elapsed_s(), 2), best)))
    return best


def write_curve(contest: Contest, scores: Iterable[tuple[float, float]]) -> None:
    """Write the curve of scores known afterwards: seconds since the start and accuracy."""
    best = 0.0
    for elapsed_s, validation in sorted(scores):
        best = max(best, validation)
        append_json_line(_curve(contest), asdict(Moment(round(elapsed_s, 2), best)))


def read_curve(contest: Contest) -> list[Moment]:
    """Return what the curve tells, oldest first."""
    return [Moment(**line) for line in read_json_lines(_curve(contest))]


def write_outcome(contest: Contest, outcome: Outcome) -> None:
    """Leave the outcome in the contest's folder."""
    write_json(_outcome(contest), asdict(outcome))


def read_outcome(contest: Contest) -> Outcome:
    """Return what `write_outcome` left."""
    return Outcome(**json.loads(_outcome(contest).read_text(encoding="utf-8")))


def write_part(file: Path, data: str, images: int) -> None:
    """Write an `.npz` of so many training images, evenly spread, and at most as many of test."""
    import numpy as np

    whole = open_dataset(data, validation=VALIDATION_SHARE)
    train, test = (
        np.linspace(0, len(labels) - 1, min(images, len(labels))).astype(int)
        for labels in (whole.y_train, whole.y_test)
    )
    np.savez(
        file,
        x_train=whole.x_train[train],
        y_train=whole.y_train[train],
        x_test=whole.x_test[test],
        y_test=whole.y_test[test],
    )


def _curve(contest: Contest) -> Path:
    return Path(contest.folder) / "curve.jsonl"


def _outcome(contest: Contest) -> Path:
    return Path(contest.folder) / "outcome.json"
