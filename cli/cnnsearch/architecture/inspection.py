"""What a search space holds: how many candidates, what they cost, and what limits leave of them."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnnsearch.architecture.describe import describe
from cnnsearch.architecture.distribution import distribution
from cnnsearch.architecture.idle_settings import idle_settings
from cnnsearch.architecture.infeasible import InfeasibleError
from cnnsearch.architecture.layers import Convolution
from cnnsearch.architecture.limits import QUANTITIES, Miss, NearestMisses, misses
from cnnsearch.architecture.receptive_field import seen_image

if TYPE_CHECKING:
    from cnnsearch.architecture.graph import Architecture
    from cnnsearch.space import Candidate, SearchSpace, Value
    from cnnsearch.space.counting import Count

JSON_VERSION = 1
DRAWS = 2_000
TIME_LIMIT_S = 3.5  # for draws; fewer are looked at where they take longer
SHOWN = ("parameters", "macs", "layers", "receptive_field")


@dataclass(frozen=True)
class Network:
    """What is told of one network."""

    amounts: dict[str, int]  # of the quantities in SHOWN
    image_side: int  # of the image as the network sees it
    narrow: tuple[str, ...]  # parts with a kernel larger than their map: "stage3"


@dataclass
class Draws:
    """What many draws came to."""

    number: int = 0
    impossible: Counter[str] = field(default_factory=Counter)  # reason -> draws
    removed: Counter[str] = field(default_factory=Counter)  # limit -> draws
    removed_alone: Counter[str] = field(default_factory=Counter)  # by this limit and no other
    nearest: NearestMisses = field(default_factory=NearestMisses)
    built: list[Network] = field(default_factory=list)  # of every draw that can be built
    feasible: list[Network] = field(default_factory=list)  # of every draw within the limits
    candidates: list[Candidate] = field(default_factory=list)


def inspect_space(
    space: SearchSpace,
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    draws: int = DRAWS,
    time_limit_s: float = TIME_LIMIT_S,
) -> dict[str, Any]:
    """Return all that is told about a space, as plain values ready for JSON.

    Args:
        space: The search space.
        input_shape: (height, width, channels) of the data.
        classes: How many classes the data has.
        draws: How many random candidates to look at.
        time_limit_s: Fewer are looked at when this time is over.
    """
    from cnnsearch.space.counting import count_candidates, count_networks, endless_settings

    looked_at = _look(space, input_shape, classes, draws, time_limit_s)
    networks = looked_at.feasible or looked_at.built
    counted = count_networks(space)
    return {
        "version": JSON_VERSION,
        "space": space.name,
        "input_shape": list(input_shape),
        "classes": classes,
        "candidates": _count(count_candidates(space)),
        "networks": _count(counted) if counted else None,
        "endless_settings": endless_settings(space),
        "draws": looked_at.number,
        "feasible": len(looked_at.feasible),
        "impossible": dict(looked_at.impossible.most_common()),
        "limits": _limits(space, looked_at),
        "measured_limits": [str(limit) for limit in space.constraints if limit.is_measured],
        "distributions_of": "feasible" if looked_at.feasible else "built",
        "distributions": {
            name: distribution([network.amounts[name] for network in networks]) for name in SHOWN
        }
        if networks
        else {},
        "idle_settings": idle_settings(space, looked_at.candidates, input_shape, classes),
        "narrow_stages": dict(sorted(_narrow(networks).items())),
        "receptive_field": _against_image(networks),
    }


def _look(
    space: SearchSpace,
    input_shape: tuple[int, int, int],
    classes: int,
    draws: int,
    time_limit_s: float,
) -> Draws:
    from cnnsearch.space import draw, random_chooser

    rng = random.Random(space.search.seed)
    ends = time.monotonic() + time_limit_s
    found = Draws()
    judged: dict[str, Network | str] = {}
    broken: dict[str, list[Miss]] = {}
    while found.number < draws and (found.number == 0 or time.monotonic() < ends):
        candidate = draw(space, random_chooser(rng))
        found.number += 1
        found.candidates.append(candidate)
        key = _key(candidate.settings)
        if key not in judged:
            try:
                architecture = describe(candidate.architecture, input_shape, classes)
            except InfeasibleError as error:
                judged[key] = error.reason
            else:
                judged[key] = _network(architecture)
                broken[key] = misses(architecture, space.constraints, candidate.training)
        _note(found, judged[key], broken.get(key, []))
    return found


def _key(settings: dict[str, Value] | Any) -> str:
    """Tell networks apart, and what the memory of their training depends on."""
    own = ("architecture.", "training.batch_size", "training.optimizer")
    return repr([(path, value) for path, value in settings.items() if path.startswith(own)])


def _note(found: Draws, judged: Network | str, broken: Sequence[Miss]) -> None:
    if isinstance(judged, str):
        found.impossible[judged] += 1
        return
    found.built.append(judged)
    found.nearest.note(broken)
    limits = [str(miss.constraint) for miss in broken]
    found.removed.update(limits)
    if len(limits) == 1:
        found.removed_alone.update(limits)
    if not limits:
        found.feasible.append(judged)


def _network(architecture: Architecture) -> Network:
    return Network(
        {name: QUANTITIES[name](architecture) for name in SHOWN},
        max(seen_image(architecture)),
        tuple(_narrow_parts(architecture)),
    )


def _narrow_parts(architecture: Architecture) -> list[str]:
    """Return the parts with a kernel that is larger than the map it slides over."""
    shapes = (architecture.input_shape, *(row.output_shape for row in architecture.rows))
    found = {
        row.name.split(".")[0]: None
        for row in architecture.rows
        if isinstance(row.layer, Convolution)
        and (row.layer.kernel_size - 1) * row.layer.dilation >= min(shapes[row.inputs[0] + 1][:2])
    }
    return list(found)


def _narrow(networks: Sequence[Network]) -> Counter[str]:
    return Counter(part for network in networks for part in network.narrow)


def _against_image(networks: Sequence[Network]) -> dict[str, Any]:
    """Return how many networks see less than the image, and how many more than twice its side."""
    pairs = [(network.amounts["receptive_field"], network.image_side) for network in networks]
    return {
        "image_sides": sorted({side for _, side in pairs}),
        "smaller_than_image": sum(field < side for field, side in pairs),
        "larger_than_twice_the_image": sum(field > 2 * side for field, side in pairs),
    }


def _limits(space: SearchSpace, found: Draws) -> list[dict[str, Any]]:
    return [
        {
            "limit": str(constraint),
            "removes": found.removed[str(constraint)],
            "removes_alone": found.removed_alone[str(constraint)],
            "nearest_miss": str(found.nearest.nearest[constraint])
            if constraint in found.nearest.nearest
            else None,
        }
        for constraint in space.constraints
        if not constraint.is_measured
    ]


def _count(count: Count) -> dict[str, Any]:
    return {"number": count.number, "error": count.error, "exact": count.exact}
