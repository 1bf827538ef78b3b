"""What a search space holds: how many candidates, what they cost, and what limits leave of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cnnsearch.architecture.distribution import distribution
from cnnsearch.architecture.draws import judge, look_at_draws
from cnnsearch.architecture.drivers import drivers
from cnnsearch.architecture.idle_settings import idle_settings
from cnnsearch.architecture.network_facts import SHOWN

if TYPE_CHECKING:
    from cnnsearch.architecture.draws import Draws
    from cnnsearch.architecture.network_facts import Network
    from cnnsearch.space import Candidate, Constraint, SearchSpace
    from cnnsearch.space.counting import Count

JSON_VERSION = 1
DRAWS = 2_000
DRIVEN = ("parameters", "macs")
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
        draws: How many random candidates to look at; all candidates where there are no more.
        time_limit_s: Fewer are looked at when so much time of the processor is over.
    """
    from cnnsearch.space.counting import count_candidates, endless_settings

    candidates, endless = count_candidates(space), endless_settings(space)
    found = look_at_draws(
        space,
        input_shape,
        classes,
        draws=draws,
        time_limit_s=time_limit_s,
        exhaustive=_are_few(candidates, endless, draws),
    )
    return {
        "version": JSON_VERSION,
        "space": space.name,
        "input_shape": list(input_shape),
        "classes": classes,
        **_size(space, candidates, endless),
        "first_guess": _first_guess(space, input_shape, classes),
        **_seen(found),
        **_limits(space, found),
        **_networks(found),
        **_idle(space, found, input_shape, classes),
        **_warnings(space),
    }


def _size(space: SearchSpace, candidates: Count, endless: list[str]) -> dict[str, Any]:
    from cnnsearch.space.counting import count_networks

    networks = count_networks(space)
    return {
        "candidates": _count(candidates),
        "networks": _count(networks) if networks else None,
        "settings": [leaf.path for leaf in space.free],
        "endless_settings": endless,
    }


def _seen(found: Draws) -> dict[str, Any]:
    """Return how many draws were looked at, and how many of them can be built and are allowed."""
    return {
        "draws": found.number,
        "exhaustive": found.is_exhaustive,
        "stopped_by_time": found.stopped_by_time,
        "feasible": len(found.feasible),
        "impossible": dict(found.impossible.most_common()),
    }


def _networks(found: Draws) -> dict[str, Any]:
    """Return what is told of the networks within the limits; of all where none is."""
    networks = found.feasible or found.built
    return {
        "distributions_of": "feasible" if found.feasible else "built",
        "distributions": _distributions(networks),
        "drivers": _drivers(found),
        "smallest_last_map": min((network.last_side for network in networks), default=None),
        "narrow_stages": _parts(network.narrow for network in networks),
        "thin_attention": _parts(network.thin for network in networks),
        "receptive_field": _against_image(networks),
    }


def _idle(
    space: SearchSpace, found: Draws, input_shape: tuple[int, int, int], classes: int
) -> dict[str, Any]:
    idle = idle_settings(
        space, found.candidates, input_shape, classes, exhaustive=found.is_exhaustive
    )
    return {"idle_settings": idle.seen, "idle_settings_stopped_by_time": idle.stopped_by_time}


def _warnings(space: SearchSpace) -> dict[str, Any]:
    from cnnsearch.space.scaling_rule import scaling_warnings

    return {"warnings": [vars(warning) for warning in scaling_warnings(space)]}


def _distributions(networks: Sequence[Network]) -> dict[str, Any]:
    if not networks:
        return {}
    return {name: distribution([network.amounts[name] for network in networks]) for name in SHOWN}


def _drivers(found: Draws) -> dict[str, Any]:
    """Return what drives the cost of all that can be built: limits would hide a part of it."""
    return {
        name: drivers(found.candidates, [network.amounts[name] for network in found.built])
        for name in DRIVEN
    }


def _parts(named: Iterable[Iterable[str]]) -> dict[str, int]:
    """Return how many networks name each part: `{"stage2": 7}`."""
    return dict(sorted(Counter(part for parts in named for part in parts).items()))


def _against_image(networks: Sequence[Network]) -> dict[str, Any]:
    """Return how many networks see less than the image, and how many more than twice its side.

    Of the first, those are `joined` whose dense layers read all pixels of the last map: what no
    convolution sees together, they do.
    """
    fields = [(each.amounts["receptive_field"], each.image_side, each) for each in networks]
    smaller = [network for field, side, network in fields if field < side]
    return {
        "image_sides": sorted({side for _, side, _ in fields}),
        "smaller_than_image": len(smaller),
        "smaller_and_joined": sum(network.is_flattened for network in smaller),
        "larger_than_twice_the_image": sum(field > 2 * side for field, side, _ in fields),
    }


def _first_guess(
    space: SearchSpace, input_shape: tuple[int, int, int], classes: int
) -> dict[str, Any]:
    """Return what is tried first, with why it is impossible or what limits it breaks."""
    from cnnsearch.space import draw, first_guess

    candidate = draw(space, first_guess)
    judged = judge(space, candidate, input_shape, classes)
    told: dict[str, Any] = {"settings": dict(candidate.settings)}
    if isinstance(judged, str):
        return {**told, "impossible": judged, "misses": [], "amounts": None}
    network, misses = judged
    return {**told, "impossible": None, "misses": [*map(str, misses)], "amounts": network.amounts}


def _limits(space: SearchSpace, found: Draws) -> dict[str, Any]:
    limits = space.constraints
    return {
        "limits": [_limit(limit, found) for limit in limits if not limit.is_measured],
        "measured_limits": [str(limit) for limit in limits if limit.is_measured],
    }


def _limit(limit: Constraint, found: Draws) -> dict[str, Any]:
    nearest = found.nearest.nearest
    return {
        "limit": str(limit),
        "removes": found.removed[limit],
        "removes_alone": found.removed_alone[limit],
        "nearest_miss": str(nearest[limit]) if limit in nearest else None,
        "nearest_settings": _settings(found.nearest_candidates.get(limit)),
    }


def _settings(candidate: Candidate | None) -> dict[str, Any] | None:
    return None if candidate is None else dict(candidate.settings)


def _are_few(candidates: Count, endless: Iterable[str], draws: int) -> bool:
    """Return whether all candidates can be looked at, which tells more than as many draws.

    An endless range of how networks are trained changes nothing that is told of them.
    """
    of_networks = any(path.startswith("architecture.") for path in endless)
    return candidates.exact and candidates.number <= draws and not of_networks


def _count(count: Count) -> dict[str, Any]:
    return {"number": count.number, "error": count.error, "exact": count.exact}
