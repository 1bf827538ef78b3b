"""Regularised evolution (Real et al. 2019, arXiv:1802.01548).

Of a few of the youngest trials, the best has the next child.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from random import Random

from cnnsearch.records.study import TrialRecord
from cnnsearch.space import Candidate, SearchSpace, draw, random_chooser, replay

FIRST_RANDOM = 6  # trials drawn at random before the first mutation; the paper fills its population
POPULATION = 24  # the youngest trials that may have children: the old die, whatever their score
TOURNAMENT = 8  # of the population, the best of so many has the child (the paper: 25 of 100)


def propose(space: SearchSpace, history: Sequence[TrialRecord], rng: Random) -> Candidate:
    """Return a child of a good young trial, with one setting changed."""
    scored = (trial for trial in reversed(history) if trial.looks and not trial.failed)
    population = list(islice(scored, POPULATION))
    if len(population) < FIRST_RANDOM:
        return draw(space, random_chooser(rng))
    parent = max(rng.sample(population, min(TOURNAMENT, len(population))), key=_fitness(space))
    return _mutate(space, draw(space, replay(parent.settings)), rng)


def _fitness(space: SearchSpace):  # type: ignore[no-untyped-def]
    sign = 1 if next(iter(space.objectives.values())) == "max" else -1

    def fitness(trial: TrialRecord) -> tuple[int, float]:
        """Order by how far pruning let the trial go, then by its last score."""
        return trial.steps, sign * trial.looks[trial.steps]

    return fitness


def _mutate(space: SearchSpace, parent: Candidate, rng: Random) -> Candidate:
    changeable = [path for path, setting in parent.choices.items() if setting.domain.size() != 1]
    if not changeable:
        return parent
    path = rng.choice(changeable)
    others = parent.choices[path].domain.neighbours(parent.settings[path], rng)
    settings = {**parent.settings, path: rng.choice(list(others))}
    return draw(space, replay(settings, otherwise=random_chooser(rng)))
