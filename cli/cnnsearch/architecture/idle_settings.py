"""Settings of a space that make no difference, whatever they are."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
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
    exhaustive: bool = False,
    time_limit_s: float = TIME_LIMIT_S,
) -> IdleSettings:
    """Return the free settings that matter in none of `candidates`, all of which can be built.

    A setting matters when another value of it changes the network, the training or the
    augmentation, or leaves nothing that can be built. What it enables for the first time has its
    first guess. Where `exhaustive`, the candidates are all there are, and few tries are enough.
    """
    told, ends = IdleSettings(), time.process_time() + time_limit_s
    for path, places in _places(space, candidates).items():
        pairs = islice(_changed(space, places, exhaustive=exhaustive), TRIES)
        tries = 0
        while (pair := next(pairs, None)) and not _differ(pair, input_shape, classes):
            tries += 1
            if time.process_time() > ends:
                told.stopped_by_time = True
                return told
        if pair is None:
            looked_at = tries if places else len(candidates)
            if looked_at >= (1 if exhaustive else FEWEST_TRIES):
                again = islice(_changed(space, places, exhaustive=exhaustive), FEWEST_TRIES)
                left_out = any(
                    _differs_at_all_strides(pair, input_shape, classes) for pair in again
                )
                told.seen[path] = _seen(looked_at, active=bool(places), left_out=left_out)
    return told


def _seen(looked_at: int, *, active: bool, left_out: bool) -> str:
    if not active:
        return f"was active in none of {looked_at:,} candidates"
    why = ": `smallest_map` leaves it out" if left_out else ""
    return f"made no difference in {looked_at:,} {'try' if looked_at == 1 else 'tries'}{why}"


def _differs_at_all_strides(pair: Pair, input_shape: tuple[int, int, int], classes: int) -> bool:
    """Return whether it would make a difference, were no strides left out for `smallest_map`."""
    if pair[0].architecture.smallest_map is None:
        return False
    one, other = (
        replace(each, architecture=each.architecture.model_copy(update={"smallest_map": None}))
        for each in pair
    )
    return _differ((one, other), input_shape, classes)


def _places(space: SearchSpace, candidates: Iterable[Candidate]) -> dict[str, list[Place]]:
    """Return for each free setting where it is active, in an order without order."""
    places: dict[str, list[Place]] = {leaf.path: [] for leaf in space.free}
    for candidate in candidates:
        for path in candidate.choices:
            places[leaf_path(path, places)].append((candidate, path))
    rng = random.Random(0)
    return {path: rng.sample(found, len(found)) for path, found in places.items()}


def _changed(space: SearchSpace, places: Iterable[Place], *, exhaustive: bool) -> Iterator[Pair]:
    """Yield each candidate with itself one step further, in all ways where `exhaustive`."""
    from cnnsearch.space import draw, first_guess, replay

    rng = random.Random(0)
    for candidate, path in places:
        steps = candidate.choices[path].domain.steps(candidate.settings[path])
        for step in steps if exhaustive else rng.sample(steps, min(1, len(steps))):
            changed = {**candidate.settings, path: step}
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
