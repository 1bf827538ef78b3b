"""What the search itself costs a trial, as the trials grow many.

Everything is real but the training: the worker's session, the tuner's loop, the oracle, the
proposals, the pruning and the journal on disk. Where a trial would train, it gets made-up scores
that depend on its settings, so that evolution has something to climb.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any, TypeAlias
from unittest.mock import patch

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow is loaded

from cnnsearch.records.events import RunClock
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import Study, open_study
from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import SearchSpace, Value, load_space
from cnnsearch.tuning.place import Place
from cnnsearch.tuning.proposals import Proposals
from cnnsearch.tuning.samplers import SAMPLERS
from cnnsearch.tuning.start import start_run
from cnnsearch.tuning.worker import tuner
from cnnsearch.tuning.worker.channel import Channel
from cnnsearch.tuning.worker.checkpoint import LATEST, SCORED
from cnnsearch.tuning.worker.interrupted import MemoryGrown
from cnnsearch.tuning.worker.oracle import StudyOracle
from cnnsearch.tuning.worker.outcome import Outcome
from cnnsearch.tuning.worker.run import Run
from cnnsearch.tuning.worker.session import Session

LAST = 100  # trials: the latest of each row, shown beside the mean of all
MOST_MS = 20  # a trial, at 1,000 trials
TRAINING = "training"  # the part that is pretended, and not counted
PARTS: Mapping[str, tuple[tuple[type, str], ...]] = {
    "proposal": ((StudyOracle, "create_trial"),),
    "verdicts": ((StudyOracle, "verdict"),),
    "journal": tuple((Study, name) for name in ("add_trial", "report", "note", "end_trial")),
    "clearing up": ((tuner.SearchTuner, "on_trial_end"),),
}  # what is counted of the search, and where it happens

Lap: TypeAlias = "defaultdict[str, float]"  # seconds of one trial, by part


class Stopwatch:
    """Adds up seconds by part; time in a part within another counts for the inner one only."""

    def __init__(self) -> None:
        self.laps: list[Lap] = []
        self._seconds: Lap = defaultdict(float)
        self._parts = ["rest"]
        self._since = time.perf_counter()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count the time within for `name`."""
        self._turn()
        self._parts.append(name)
        try:
            yield
        finally:
            self._turn()
            self._parts.pop()

    def end_lap(self) -> None:
        """Keep what was counted since the last lap, if there was a trial in it."""
        self._turn()
        if self._seconds[TRAINING]:
            self.laps.append(self._seconds)
        self._seconds = defaultdict(float)

    def timed(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        """Return `function`, its time counted for `part`; each proposal begins a lap."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            if part == "proposal":
                self.end_lap()
            with self.part(part):
                return function(*args, **kwargs)

        return timed

    def _turn(self) -> None:
        now = time.perf_counter()
        self._seconds[self._parts[-1]] += now - self._since
        self._since = now


class QuietChannel(Channel):
    """Sends its events nowhere, and leaves the streams of this process alone."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
        self._stop = threading.Event()
        self._last_progress = 0.0


class PretendedTraining:
    """Takes the place of `TrialTraining`: climbs the rungs by made-up scores."""

    def __init__(
        self, run: Run, record: TrialRecord, oracle: StudyOracle, hypermodel: object
    ) -> None:
        self._run, self._record, self._oracle = run, record, oracle
        self._folder = run.folder.trial(record.number)

    def run(self) -> Outcome:
        """Look at every rung until a verdict ends the trial."""
        quality = self._train()
        verdict = "goes on"
        for rung in self._run.plan.rungs:
            self._run.study.trials()[self._record.number]  # so a real look asks if it is better
            value = quality * (1 - math.exp(-rung / self._run.plan.first))
            verdict = self._oracle.verdict(self._record.number, rung, value)
            if verdict != "goes on":
                break
        seconds = {"total": 1.0, "fit": 1.0, "evaluate": 0.0, "image": self._record.macs * 1e-12}
        return Outcome("complete" if verdict == "complete" else "pruned", seconds)

    def _train(self) -> float:
        """Leave the files of a training; return a quality that belongs to the settings."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / LATEST).touch()
        (self._folder / SCORED).touch()
        settings: Mapping[str, Value] = self._record.settings
        parts = [Random(f"{path}: {value}").random() for path, value in settings.items()]
        return sum(parts) / len(parts)


def main() -> None:
    """Print a row for each sampler and number of trials."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--trials", type=int, nargs="+", default=[10, 100, 1000], help="A row each; 10 100 1000."
    )
    parser.add_argument("--samplers", nargs="+", choices=SAMPLERS, default=list(SAMPLERS))
    parser.add_argument("--space", default="default", help="Search space; default.")
    options = parser.parse_args()

    columns = ["benchmark", "ms a trial", "aim", f"last {LAST}", *PARTS, "rest", "machine"]
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for sampler in options.samplers:
        overrides = [f"search.algorithm={sampler}", f"budget.trials={max(options.trials)}"]
        space = load_space(options.space, [*overrides, "budget.time=1000h"])
        with tempfile.TemporaryDirectory(prefix="search-overhead-") as runs:
            folder = start_run(space, Path(runs), None)
            laps = _search(folder)
            reading_s = _reading_s(folder, space)
        for count in sorted(options.trials):
            name = f"`search_overhead.py`, {sampler}, {min(count, len(laps)):,} trials"
            print(f"| {name} | {_figures(laps[:count])} | {_machine()} |", flush=True)
        note = f"a fresh worker reads {len(laps):,} trials and proposes in {reading_s:.2f} s"
        print(f"{sampler}: {note}", file=sys.stderr)


def _search(folder: RunFolder) -> list[Lap]:
    """Search until the trials are used up; return the seconds of each by part."""
    watch = Stopwatch()
    with _pretending(watch):
        while True:
            try:
                Session(folder, RunClock(), QuietChannel(), Place()).search()
                return watch.laps
            except MemoryGrown:  # the supervisor would start a fresh worker
                watch.end_lap()


@contextmanager
def _pretending(watch: Stopwatch) -> Iterator[None]:
    """Put made-up scores in the place of training, and time the parts of the search."""
    with ExitStack() as patches:
        patches.enter_context(patch.object(tuner, "TrialTraining", PretendedTraining))
        for part, methods in (*PARTS.items(), (TRAINING, ((PretendedTraining, "_train"),))):
            for owner, name in methods:
                timed = watch.timed(getattr(owner, name), part)
                patches.enter_context(patch.object(owner, name, timed))
        yield


def _reading_s(folder: RunFolder, space: SearchSpace) -> float:
    """Return how long a worker that takes over needs for what came before, in seconds."""
    height, width, channels = folder.read_facts()["dataset"]["shape"]
    proposals = Proposals(
        space, (height, width, channels), folder.read_facts()["dataset"]["classes"]
    )
    started = time.perf_counter()
    proposals.next(open_study(folder.journal).trials())
    return time.perf_counter() - started


def _figures(laps: Sequence[Lap]) -> str:
    last = laps[-LAST:]
    parts = [_mean_ms(last, part) for part in (*PARTS, "rest")]
    return " | ".join([_mean_ms(laps), f"at most {MOST_MS}", _mean_ms(last), *parts])


def _mean_ms(laps: Sequence[Lap], part: str | None = None) -> str:
    seconds = sum(lap[part] if part else sum(lap.values()) - lap[TRAINING] for lap in laps)
    return f"{1000 * seconds / len(laps):.1f}"


def _machine() -> str:
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()
