"""NSGA-II (Deb et al. 2002, IEEE Trans. Evol. Comp. 6:182) over settings that come and go.

The fittest trials are those that no other beats in every objective, and of these the loneliest:
so the whole front between the objectives is looked for, not one place on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from random import Random
from typing import TypeAlias

from cnnsearch.records.dominance import Point, crowding_distances, dominates
from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Candidate, SearchSpace, Setting, Value, draw, random_chooser, replay
from cnnsearch.tuning.samplers.fitness import points
from cnnsearch.tuning.samplers.mutation import begins_near, mutate, near_first_guess

POPULATION = 24  # the fittest trials, which have children
CROSSOVER = 0.9  # share of the children that have two parents (section 4 of the paper)

Pair: TypeAlias = tuple[Point, TrialRecord]


def propose(space: SearchSpace, history: Sequence[TrialRecord], rng: Random) -> Iterator[Candidate]:
    """Yield children of the fittest trials, made of two parents' settings and changed in one."""
    fittest = _fittest(points(space, history))
    while True:
        if begins_near(history):
            yield near_first_guess(space, rng)
        elif not fittest:
            yield draw(space, random_chooser(rng))
        else:
            yield _child(space, _tournament(fittest, rng), _tournament(fittest, rng), rng)


def _child(space: SearchSpace, one: TrialRecord, other: TrialRecord, rng: Random) -> Candidate:
    """Return a child: each setting from either parent, where both have it; then one changed."""
    crossed = rng.random() < CROSSOVER
    anew = random_chooser(rng)

    def choose(setting: Setting) -> Value:
        both = [one, other] if crossed and rng.random() < 0.5 else [other, one]
        settings = both[0].settings if crossed else one.settings
        fallback = replay(both[1].settings, otherwise=anew) if crossed else anew
        return replay(settings, otherwise=fallback)(setting)

    return mutate(space, draw(space, choose), rng)


def _tournament(fittest: Sequence[TrialRecord], rng: Random) -> TrialRecord:
    """Return the fitter of two."""
    return fittest[min(rng.randrange(len(fittest)), rng.randrange(len(fittest)))]


def _fittest(scored: Sequence[Pair]) -> list[TrialRecord]:
    """Return the population, the fittest first.

    Those that pruning let go further come first: only at the same rung can scores be compared.
    """
    chosen: list[TrialRecord] = []
    for _, rung in groupby(sorted(scored, key=_latest_first), key=_latest_first):
        pairs = list(rung)
        while pairs and len(chosen) < POPULATION:
            front, pairs = _peel(pairs)
            chosen += _loneliest_first(front)
    return chosen[:POPULATION]


def _latest_first(pair: Pair) -> int:
    return -pair[1].steps


def _peel(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Return those that no other dominates, and the rest."""
    front: list[Pair] = []
    rest: list[Pair] = []
    for pair in sorted(pairs, key=lambda each: each[0]):  # what dominates another is before it
        beaten = any(dominates(other[0], pair[0]) for other in front)
        (rest if beaten else front).append(pair)
    return front, rest


def _loneliest_first(front: Sequence[Pair]) -> list[TrialRecord]:
    """Return a front by crowding distance: its ends, then those with much room around them."""
    room = crowding_distances([point for point, _ in front])
    ranked = sorted(range(len(front)), key=lambda index: -room[index])
    return [front[index][1] for index in ranked]
