"""Which of two trials did better, where pruning let them go unequally far."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeAlias

from cnnsearch.records.study import TrialRecord
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

    def outdoes(one: TrialRecord, other: TrialRecord) -> bool:
        common = one.looks.keys() & other.looks.keys()
        if not common:
            return rank(one) > rank(other)
        return rank(_until(one, max(common))) > rank(_until(other, max(common)))

    return outdoes


def _until(trial: TrialRecord, step: int) -> TrialRecord:
    return replace(trial, looks={step: trial.looks[step]})


def parents(history: Iterable[TrialRecord]) -> Iterable[TrialRecord]:
    """Yield the trials that others may come from: those with a score that did not fail."""
    return (trial for trial in history if trial.looks and not trial.failed)


def costs(space: SearchSpace, trial: TrialRecord) -> tuple[float, ...]:
    """Return what a scored trial cost in each objective; less is better."""
    values = (trial.looks[trial.steps],)
    signs = (-1 if direction == "max" else 1 for direction in space.objectives.values())
    return tuple(sign * value for sign, value in zip(signs, values, strict=True))
