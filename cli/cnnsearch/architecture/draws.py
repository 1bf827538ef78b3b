"""Many candidates of a space: what each is like, and which limits it breaks.

They are random ones, or all where there are no more than that.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from cnnsearch.architecture.describe import describe
from cnnsearch.architecture.infeasible import InfeasibleError
from cnnsearch.architecture.limits import Miss, NearestMisses, misses
from cnnsearch.architecture.network_facts import Network, network_of

if TYPE_CHECKING:
    from cnnsearch.space import Candidate, Constraint, SearchSpace

Judgement: TypeAlias = "tuple[Network, list[Miss]] | str"  # or why there is no such network


@dataclass
class Draws:
    """What many draws, or all candidates, came to."""

    number: int = 0
    is_exhaustive: bool = False  # these are all candidates, each once
    stopped_by_time: bool = False
    impossible: Counter[str] = field(default_factory=Counter)  # reason -> draws
    removed: Counter[Constraint] = field(default_factory=Counter)
    removed_alone: Counter[Constraint] = field(default_factory=Counter)  # by no other limit
    nearest: NearestMisses = field(default_factory=NearestMisses)
    nearest_candidates: dict[Constraint, Candidate] = field(default_factory=dict)
    built: list[Network] = field(default_factory=list)  # of every draw that can be built
    feasible: list[Network] = field(default_factory=list)  # of every draw within the limits
    candidates: list[Candidate] = field(default_factory=list)  # every one that can be built

    def note(self, candidate: Candidate, judged: Judgement) -> None:
        """Take one more draw into account."""
        self.number += 1
        if isinstance(judged, str):
            self.impossible[judged] += 1
            return
        network, broken = judged
        self.candidates.append(candidate)
        self.built.append(network)
        self.nearest.note(broken)
        for miss in broken:
            if self.nearest.nearest[miss.constraint] is miss:
                self.nearest_candidates[miss.constraint] = candidate
        limits = {miss.constraint for miss in broken}
        self.removed.update(limits)
        if len(limits) == 1:
            self.removed_alone.update(limits)
        if not limits:
            self.feasible.append(network)


def look_at_draws(
    space: SearchSpace,
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    draws: int,
    time_limit_s: float,
    exhaustive: bool = False,
) -> Draws:
    """Return what candidates come to: the same for the same seed, if there is the time.

    Args:
        space: The search space.
        input_shape: (height, width, channels) of the data.
        classes: How many classes the data has.
        draws: How many random candidates to look at.
        time_limit_s: Of the processor, which other programs do not use up; one candidate at least
            is looked at.
        exhaustive: Look at every candidate instead. Of an endless range one value stands for all.
    """
    from cnnsearch.space.enumerating import enumerate_candidates

    ends = time.process_time() + time_limit_s
    candidates = (
        enumerate_candidates(space, points=1)
        if exhaustive
        else islice(_random_candidates(space), draws)
    )
    found = Draws(is_exhaustive=exhaustive)
    for candidate, judged in _judged(space, candidates, input_shape, classes):
        if found.number and time.process_time() >= ends:
            found.stopped_by_time, found.is_exhaustive = True, False
            break
        found.note(candidate, judged)
    return found


def _random_candidates(space: SearchSpace) -> Iterator[Candidate]:
    from cnnsearch.space import draw, random_chooser

    rng = random.Random(space.search.seed)
    while True:
        yield draw(space, random_chooser(rng))


def _judged(
    space: SearchSpace,
    candidates: Iterable[Candidate],
    input_shape: tuple[int, int, int],
    classes: int,
) -> Iterator[tuple[Candidate, Judgement]]:
    """Yield each with what it comes to; what comes again is not worked out again."""
    known: dict[object, Judgement] = {}
    for candidate in candidates:
        training = candidate.training
        # of the training, what its memory depends on
        key = (candidate.architecture, training.batch_size, training.optimizer)
        if key not in known:
            known[key] = judge(space, candidate, input_shape, classes)
        yield candidate, known[key]


def judge(
    space: SearchSpace, candidate: Candidate, input_shape: tuple[int, int, int], classes: int
) -> Judgement:
    """Return what a candidate's network is like and the limits it breaks, or why there is none."""
    try:
        architecture = describe(candidate.architecture, input_shape, classes)
    except InfeasibleError as error:
        return error.reason
    network = network_of(architecture, candidate.training)
    return network, misses(architecture, space.constraints, candidate.training)
