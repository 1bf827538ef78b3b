"""Settings of a space that make no difference, whatever they are."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cnnsearch.architecture.describe import describe
from cnnsearch.architecture.infeasible import InfeasibleError
from cnnsearch.space.leaves import leaf_path

if TYPE_CHECKING:
    from cnnsearch.space import Candidate, SearchSpace

TRIES = 20  # changes of one setting before it is said to make no difference
NEVER_ACTIVE = "is active in no draw"


def idle_settings(
    space: SearchSpace,
    candidates: Sequence[Candidate],
    input_shape: tuple[int, int, int],
    classes: int,
) -> dict[str, str]:
    """Return the free settings that never matter, and why, judged by `candidates`.

    A setting matters when another value of it, in one of the candidates, changes the network, the
    training or the augmentation. What it enables for the first time has its first guess.
    """
    active: dict[str, list[tuple[Candidate, str]]] = {leaf.path: [] for leaf in space.free}
    for candidate in candidates:
        for path in candidate.choices:
            places = active[leaf_path(path, repeated=space.plan.repeated)]
            if len(places) < TRIES:
                places.append((candidate, path))
    idle = {}
    for leaf in space.free:
        if not active[leaf.path]:
            idle[leaf.path] = NEVER_ACTIVE
        elif not _matters(space, active[leaf.path], input_shape, classes):
            idle[leaf.path] = f"changes nothing in {len(active[leaf.path])} tries"
    return idle


def _matters(
    space: SearchSpace,
    places: Iterable[tuple[Candidate, str]],
    input_shape: tuple[int, int, int],
    classes: int,
) -> bool:
    from cnnsearch.space import draw, first_guess, replay

    rng = random.Random(0)
    for candidate, path in places:
        steps = candidate.choices[path].domain.steps(candidate.settings[path])
        changed = {**candidate.settings, path: rng.choice(steps)}
        other = draw(space, replay(changed, otherwise=first_guess))
        if _meaning(candidate, input_shape, classes) != _meaning(other, input_shape, classes):
            return True
    return False


def _meaning(candidate: Candidate, input_shape: tuple[int, int, int], classes: int) -> Any:
    """Return what is trained, and how."""
    try:
        network: Any = describe(candidate.architecture, input_shape, classes)
    except InfeasibleError as error:
        network = str(error)
    return network, candidate.training, candidate.augmentation
