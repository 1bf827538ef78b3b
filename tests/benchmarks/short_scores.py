"""Which score of a short training tells best how well a network does once it is trained in full.

Candidates drawn at random are trained for a few hundred steps each and scored in several ways. Then
each is trained in full, from other first weights and in another order of the images, its learning
rate annealed to zero over the last third. Spearman's correlation tells how far a short score ranks
the candidates as the full trainings do; its spread is that over resampled candidates.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from random import Random
from statistics import stdev
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow is loaded

import keras
from keras import ops

from cnnsearch.data import Dataset
from cnnsearch.records.trial import TrialRecord
from cnnsearch.results.explanation.truth import spearman
from cnnsearch.space import Candidate, load_space
from cnnsearch.tuning.place import Place
from cnnsearch.tuning.proposals import Proposals
from cnnsearch.tuning.rungs import Pace, RungPlan
from cnnsearch.tuning.start import open_data
from cnnsearch.tuning.worker.averaging import WeightAverage
from cnnsearch.tuning.worker.devices import set_up_device
from cnnsearch.tuning.worker.hypermodel import CandidateModel, peak_rate
from cnnsearch.tuning.worker.schedules import SteadyRate
from cnnsearch.tuning.worker.training import Diverged, Training

DECAY_SHARE = 1 / 3  # of a full training
RESAMPLED = 1_000
AVERAGE, LAST, RUNNING, ANNEALED = (
    "average of the weights, statistics taken anew",
    "last weights, statistics taken anew",
    "last weights, running statistics",
    "annealed to zero within the steps",
)
Scores = dict[tuple[str, int], float]  # kind of score and steps -> validation accuracy


class Decaying(SteadyRate):
    """Steady as in a search, then straight down to zero."""

    def __init__(self, peak: float, warm_up_steps: int, last: int, decay_steps: int) -> None:
        super().__init__(peak, warm_up_steps)
        self.last = last
        self.decay_steps = decay_steps

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at `step`."""
        left = (self.last - ops.cast(step, "float32")) / self.decay_steps
        return super().__call__(step) * ops.clip(left, 0.0, 1.0)


class Trainings:
    """Trains candidates of one space, each as often as it takes to score it in every way."""

    def __init__(self, options: argparse.Namespace) -> None:
        limit = f"constraints={{macs: '<= {options.macs}'}}"
        self.space = load_space(options.space, (*options.set, limit, "search.algorithm=random"))
        self.dataset: Dataset = open_data(self.space)
        self._steps: list[int] = sorted(options.steps)
        self._full: int = options.full
        plan = RungPlan((*self._steps, self._full), self._steps[0], options.batch)
        device = set_up_device(Place())
        self._model = CandidateModel(self.space, self.dataset, plan, device)
        other = load_space(options.space, (*options.set, limit, "search.seed=1001"))
        self._other_model = CandidateModel(other, self.dataset, plan, device)
        self._batch: int = options.batch

    def candidates(self, count: int) -> Iterator[Candidate]:
        """Yield so many different candidates within the limits."""
        proposals = Proposals(self.space, self.dataset.shape, len(self.dataset.classes))
        tried: list[TrialRecord] = []
        while len(tried) < count and (proposal := proposals.next(tried)):
            tried.append(TrialRecord(len(tried), "pruned", proposal.candidate.settings, 1, 1))
            yield proposal.candidate

    def scores(self, candidate: Candidate) -> Scores:
        """Return the short scores, and under 0 steps what the full training scored."""
        scores: Scores = {}
        training = self._training(candidate, self._steady(candidate), seed=0)
        for steps in self._steps:
            _train(training, steps)
            scores[RUNNING, steps] = self._score(training, nullcontext())
            scores[AVERAGE, steps] = self._score(training, training.averaged())
            scores[LAST, steps] = self._score(training, self._last(training))
        for steps in self._steps:
            schedule = self._decaying(candidate, steps, decay_steps=steps)
            scores[ANNEALED, steps] = self._trained(candidate, schedule, steps, seed=0)
        schedule = self._decaying(candidate, self._full, round(DECAY_SHARE * self._full))
        scores["full", 0] = self._trained(candidate, schedule, self._full, seed=1)
        return scores

    def _steady(self, candidate: Candidate) -> SteadyRate:
        return SteadyRate(peak_rate(candidate.training, self._batch), self._steps[0] // 3)

    def _decaying(self, candidate: Candidate, last: int, decay_steps: int) -> Decaying:
        steady = self._steady(candidate)
        return Decaying(steady.peak, steady.warm_up_steps, last, decay_steps)

    def _trained(self, candidate: Candidate, rate: SteadyRate, steps: int, *, seed: int) -> float:
        training = self._training(candidate, rate, seed=seed)
        _train(training, steps)
        return self._score(training, self._last(training))

    def _training(self, candidate: Candidate, rate: SteadyRate, *, seed: int) -> Training:
        keras.backend.clear_session()
        gc.collect()
        model = (self._other_model if seed else self._model).compiled(candidate, rate)
        pace = Pace(self._steps[0], self._steps[0])
        return Training(
            model, candidate, self.dataset, batch_size=self._batch, step=0, pace=pace, seed=seed
        )

    @contextmanager
    def _last(self, training: Training) -> Iterator[None]:
        """Have the last weights in the model, with the statistics of batch normalization anew."""
        kept, training.average = training.average, WeightAverage(training.model)
        try:
            with training.averaged():
                yield
        finally:
            training.average = kept

    def _score(self, training: Training, weights: AbstractContextManager[None]) -> float:
        with weights:
            found = training.evaluate(self.dataset.x_validation, self.dataset.y_validation)
        return found["accuracy"]


def main() -> None:
    """Print a row for each kind of score, with its correlation after each number of steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=12, help="12.")
    parser.add_argument("--steps", type=int, nargs="+", default=[96, 288], help="96 288.")
    parser.add_argument("--full", type=int, default=1_152, help="Steps of a full training; 1,152.")
    parser.add_argument("--batch", type=int, default=128, help="Images of a step; 128.")
    parser.add_argument("--macs", default="4M", help="No candidate has more; 4M.")
    parser.add_argument("--space", default="default", help="Search space; default.")
    parser.add_argument(
        "--set",
        action="append",
        metavar="PATH=VALUE",
        default=["data.source=fashion-mnist", "data.validation=0.1"],
        help="As of `cnnsearch run`; data.source=fashion-mnist data.validation=0.1.",
    )
    options = parser.parse_args()
    trainings = Trainings(options)
    found: list[Scores] = []
    for candidate in trainings.candidates(options.candidates):
        try:
            found.append(trainings.scores(candidate))
        except Diverged as error:
            print(f"left out: {error}", file=sys.stderr)
            continue
        print(f"{len(found)}: {_row(found[-1])}", file=sys.stderr)
    _report(found, sorted(options.steps))


def _train(training: Training, until: int) -> None:
    training.fit(until, on_batch=lambda logs: True, on_unit=lambda logs: True)


def _row(scores: Mapping[tuple[str, int], float]) -> str:
    return ", ".join(f"{kind} {steps}: {value:.4f}" for (kind, steps), value in scores.items())


def _report(found: list[Scores], steps: list[int]) -> None:
    print(f"\n| `short_scores.py`, {len(found)} candidates | after", end=" ")
    print(" | ".join(f"{each:,} steps" for each in steps), "|")
    print("|---" * (1 + len(steps)) + "|")
    for kind in (AVERAGE, LAST, RUNNING, ANNEALED):
        pairs = [[(each[kind, step], each["full", 0]) for each in found] for step in steps]
        print(f"| {kind} |", " | ".join(map(_correlation, pairs)), "|")


def _correlation(pairs: list[tuple[float, float]]) -> str:
    rank, random = spearman(pairs), Random(0)
    again = [spearman(random.choices(pairs, k=len(pairs))) for _ in range(RESAMPLED)]
    known = [value for value in again if value is not None]
    if rank is None or len(known) < 2:
        return "all equal"
    return f"{rank:.2f} ± {stdev(known):.2f}"


if __name__ == "__main__":
    main()
