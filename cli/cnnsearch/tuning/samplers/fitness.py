"""Which of two trials did better, where pruning let them go unequally far."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from cnnsearch.records.dominance import Point
from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import SearchSpace

Fitness: TypeAlias = Callable[[TrialRecord], tuple[int, float]]


def fitness(space: SearchSpace) -> Fitness:
    """Return the key that orders scored trials, of several objectives by the first.

    How far pruning let a trial go counts first: scores after unequal training say nothing of one
    another, and only the better ones go on.
    """
    sign = 1 if next(iter(space.objectives.values())) == "max" else -1

    def key(trial: TrialRecord) -> tuple[int, float]:
        return trial.steps, sign * trial.looks[trial.steps]

    return key


def comparison(space: SearchSpace) -> Callable[[TrialRecord, TrialRecord], bool]:
    """Return what tells whether the first of two scored trials did better than the second.

    The last look that both had decides: the best trial of a search goes on for so long that no
    neighbour comes as far. Where they have none in common their fitness does.
    """
    rank = fitness(space)
    maximize = next(iter(space.objectives.values())) == "max"

    def outdoes(one: TrialRecord, other: TrialRecord) -> bool:
        common = one.looks.keys() & other.looks.keys()
        if not common:
            return rank(one) > rank(other)
        mine, its = one.looks[max(common)], other.looks[max(common)]
        return mine > its if maximize else mine < its

    return outdoes


def is_parent(trial: TrialRecord) -> bool:
    """Tell whether others may come from a trial: it has a score and did not fail."""
    return bool(trial.looks) and not trial.failed


def parents(history: Iterable[TrialRecord]) -> Iterable[TrialRecord]:
    """Yield the trials that others may come from."""
    return filter(is_parent, history)


def points(space: SearchSpace, history: Iterable[TrialRecord]) -> list[tuple[Point, TrialRecord]]:
    """Return the parents with what each scored and costs in the objectives; less is better.

    A trial of an earlier run whose latency is not known cannot be compared, and is left out.
    """
    score, *costs = space.objectives
    sign = -1 if space.objectives[score] == "max" else 1
    return [
        ((sign * trial.looks[trial.steps], *(trial.costs[name] for name in costs)), trial)
        for trial in parents(history)
        if set(costs) <= trial.costs.keys()
    ]
