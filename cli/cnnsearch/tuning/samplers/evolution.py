"""Regularised evolution (Real et al. 2019, arXiv:1802.01548).

Of a few of the youngest trials, the best has the next child. The paper fills its population at
random; here the first trials lie near the first guess, so that there is a good model early, and
what random draws find is looked for later: every so often a candidate is drawn anew, without
which a population that descends from one guess would never leave its surroundings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from random import Random

from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Candidate, SearchSpace, draw, random_chooser, replay
from cnnsearch.tuning.samplers.fitness import fitness, parents
from cnnsearch.tuning.samplers.mutation import begins_near, mutate, near_first_guess

POPULATION = 24  # the youngest trials that may have children: the old die, whatever their score
# Greedier than the paper, with its 25 of 100: a search here has tens of trials, not thousands.
# Chosen on the table of tests/benchmarks with noisy scores; its README tells what else was tried.
TOURNAMENT = 16  # of the population, the best of so many has the child
EXPLORE = 0.05  # share of the candidates that are drawn anew


def propose(space: SearchSpace, history: Sequence[TrialRecord], rng: Random) -> Iterator[Candidate]:
    """Yield children of good young trials, each with one setting changed."""
    population = list(islice(parents(reversed(history)), POPULATION))
    while True:
        if begins_near(history):
            yield near_first_guess(space, rng)
        elif not population or rng.random() < EXPLORE:
            yield draw(space, random_chooser(rng))
        else:
            rivals = rng.sample(population, min(TOURNAMENT, len(population)))
            parent = max(rivals, key=fitness(space))
            yield mutate(space, draw(space, replay(parent.settings)), rng)
