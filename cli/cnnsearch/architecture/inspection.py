"""What a search space holds: how many candidates, what they cost, and what limits leave of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnnsearch.architecture.distribution import distribution
from cnnsearch.architecture.draws import SHOWN, look_at_draws
from cnnsearch.architecture.idle_settings import idle_settings

if TYPE_CHECKING:
    from cnnsearch.architecture.draws import Draws, Network
    from cnnsearch.space import SearchSpace
    from cnnsearch.space.counting import Count

JSON_VERSION = 1
DRAWS = 2_000
TIME_LIMIT_S = 4.0  # of the processor, for draws; fewer are looked at where they take longer


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
        time_limit_s: Fewer are looked at when so much time of the processor is over.
    """
    from cnnsearch.space.counting import count_candidates, count_networks, endless_settings
    from cnnsearch.space.scaling_rule import scaling_warnings

    found = look_at_draws(space, input_shape, classes, draws=draws, time_limit_s=time_limit_s)
    networks = found.feasible or found.built
    idle = idle_settings(space, found.candidates, input_shape, classes)
    counted = count_networks(space)
    return {
        "version": JSON_VERSION,
        "space": space.name,
        "input_shape": list(input_shape),
        "classes": classes,
        "candidates": _count(count_candidates(space)),
        "networks": _count(counted) if counted else None,
        "endless_settings": endless_settings(space),
        "draws": found.number,
        "stopped_by_time": found.stopped_by_time,
        "feasible": len(found.feasible),
        "impossible": dict(found.impossible.most_common()),
        "limits": _limits(space, found),
        "distributions_of": "feasible" if found.feasible else "built",
        "distributions": _distributions(networks),
        "idle_settings": idle.seen,
        "idle_settings_stopped_by_time": idle.stopped_by_time,
        "narrow_stages": dict(sorted(_narrow(networks).items())),
        "receptive_field": _against_image(networks),
        "warnings": [vars(warning) for warning in scaling_warnings(space)],
    }


def _distributions(networks: Sequence[Network]) -> dict[str, Any]:
    if not networks:
        return {}
    return {name: distribution([network.amounts[name] for network in networks]) for name in SHOWN}


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
    nearest = found.nearest.nearest
    return [
        {
            "limit": str(constraint),
            "removes": found.removed[constraint],
            "removes_alone": found.removed_alone[constraint],
            "nearest_miss": str(nearest[constraint]) if constraint in nearest else None,
        }
        for constraint in space.constraints
    ]


def _count(count: Count) -> dict[str, Any]:
    return {"number": count.number, "error": count.error, "exact": count.exact}
