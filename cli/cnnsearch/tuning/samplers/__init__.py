"""How the next candidate is chosen: one file an algorithm, each a function of the same shape.

A sampler yields candidates, the one it wants most first; what is taken is the first that is new and
within the limits. One that has gone through the whole space ends. The same space, history and
state of `rng` give the same candidates: nothing is remembered from one call to the next, so a run
goes on alike in a fresh process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Candidate, SearchSpace
from cnnsearch.tuning.samplers import evolution, grid, local, nsga2, quasi_random, random, tpe

Sampler = Callable[[SearchSpace, Sequence[TrialRecord], Random], Iterator[Candidate]]

SAMPLERS: dict[str, Sampler] = {
    "evolution": evolution.propose,
    "random": random.propose,
    "quasi_random": quasi_random.propose,
    "grid": grid.propose,
    "local": local.propose,
    "tpe": tpe.propose,
    "nsga2": nsga2.propose,
}
EXHAUSTIVE = ("grid",)  # they go through the whole space, so what they do not yield is not there
IN_ORDER = (*EXHAUSTIVE, "quasi_random")  # what is passed over does not come again
