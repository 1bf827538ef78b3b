"""Settings of a space that make no difference, whatever they are."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from cnnsearch.architecture.describe import describe
from cnnsearch.architecture.infeasible import InfeasibleError
from cnnsearch.space.leaves import leaf_path

if TYPE_CHECKING:
    from cnnsearch.architecture.graph import Architecture
    from cnnsearch.space import ArchitectureSettings, Candidate, SearchSpace

TRIES = 200  # changes of one setting before it is said to make no difference
FEWEST_TRIES = 20  # nothing is said of a setting that could be tried less often
TIME_LIMIT_S = 0.6  # of the processor; nothing is said of settings that are not tried by then
Place: TypeAlias = "tuple[Candidate, str]"  # a candidate, and which of its settings to change
Pair: TypeAlias = "tuple[Candidate, Candidate]"  # the same but for one setting


@dataclass
class IdleSettings:
    """Paths of free settings that did not matter, each with what was seen of it."""

    seen: dict[str, str] = field(default_factory=dict)
    stopped_by_time: bool = False


def idle_settings(
    space: SearchSpace,
    candidates: Sequence[Candidate],
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    time_limit_s: float = TIME_LIMIT_S,
) -> IdleSettings:
    """Return the free settings that matter in none of `candidates`, all of which can be built.

    A setting matters when another value of it changes the network, the training or the
    augmentation, or leaves nothing that can be built. What it enables for the first time has its
    first guess.
    """
    told, ends = IdleSettings(), time.process_time() + time_limit_s
    for path, places in _places(space, candidates).items():
        pairs = islice(_changed(space, places), TRIES)
        tries = 0
        while (pair := next(pairs, None)) and not _differ(pair, input_shape, classes):
            tries += 1
            if time.process_time() > ends:
                told.stopped_by_time = True
                return told
        if pair is None:
            told.seen |= _seen(path, tries, active=bool(places), draws=len(candidates))
    return told


def _seen(path: str, tries: int, *, active: bool, draws: int) -> dict[str, str]:
    if not active and draws >= FEWEST_TRIES:
        return {path: f"was active in none of {draws:,} draws"}
    return {path: f"made no difference in {tries:,} tries"} if tries >= FEWEST_TRIES else {}


def _places(space: SearchSpace, candidates: Iterable[Candidate]) -> dict[str, list[Place]]:
    """Return for each free setting where it is active, in an order without order."""
    places: dict[str, list[Place]] = {leaf.path: [] for leaf in space.free}
    for candidate in candidates:
        for path in candidate.choices:
            places[leaf_path(path, repeated=space.plan.repeated)].append((candidate, path))
    rng = random.Random(0)
    return {path: rng.sample(found, len(found)) for path, found in places.items()}


def _changed(space: SearchSpace, places: Iterable[Place]) -> Iterator[Pair]:
    """Yield each candidate with itself one step further, where there is such a step."""
    from cnnsearch.space import draw, first_guess, replay

    rng = random.Random(0)
    for candidate, path in places:
        steps = candidate.choices[path].domain.steps(candidate.settings[path])
        if steps:
            changed = {**candidate.settings, path: rng.choice(steps)}
            yield candidate, draw(space, replay(changed, otherwise=first_guess))


def _differ(pair: Pair, input_shape: tuple[int, int, int], classes: int) -> bool:
    one, other = pair
    if (one.training, one.augmentation) != (other.training, other.augmentation):
        return True
    if one.architecture == other.architecture:
        return False
    first, second = (_network(each.architecture, input_shape, classes) for each in pair)
    return first != second


def _network(
    settings: ArchitectureSettings, input_shape: tuple[int, int, int], classes: int
) -> Architecture | None:
    try:
        return describe(settings, input_shape, classes)
    except InfeasibleError:
        return None
