"""The rule of compound scaling: each step of `phi` makes the network twice as expensive.

Tan & Le 2019 (arXiv:1905.11946, equation 3) choose depth * width^2 * resolution^2 of about 2, so
that the cost is about 2^phi. It is a rule for factors that are raised to a power: without `phi`,
the factors are those of one network, and may be anything.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, TypeAlias

from cnnsearch.errors import Problem
from cnnsearch.space.domains import Choice
from cnnsearch.space.places import Path, dotted
from cnnsearch.space.scaling import Scaling

if TYPE_CHECKING:
    from cnnsearch.space.domains import Domain, Value
    from cnnsearch.space.search_space import SearchSpace

SECTION: Path = ("architecture", "scaling")
FACTORS = ("depth", "width", "resolution")
LEAST, MOST = 1.5, 2.5  # times as expensive: what counts as about 2
MOST_VALUES = 20  # of a factor; more are taken as one interval
Interval: TypeAlias = tuple[float, float]


def scaling_warnings(space: SearchSpace) -> tuple[Problem, ...]:
    """Return a warning where no combination of the factors about doubles the cost.

    One that does is enough: to search among factors is how the paper found its own.
    """
    section = space.document["architecture"].get("scaling")
    if not section or "phi" not in section:
        return ()
    costs = [_cost(factors) for factors in product(*(_intervals(space, name) for name in FACTORS))]
    if any(low <= MOST and high >= LEAST for low, high in costs):
        return ()
    low, high = min(low for low, _ in costs), max(high for _, high in costs)
    times = f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
    text = (
        f"each step of `phi` makes the network {times} times as expensive "
        "(depth * width^2 * resolution^2); the rule of compound scaling is about 2"
    )
    return (Problem(str(space.origin.place(SECTION, key=True)), dotted(SECTION), text),)


def _cost(factors: tuple[Interval, ...]) -> Interval:
    """Return the least and the most that factors in these intervals multiply the MACs by."""
    least, most = zip(*factors, strict=True)
    return Scaling(*least).cost, Scaling(*most).cost


def _intervals(space: SearchSpace, name: str) -> list[Interval]:
    """Return what a factor can be, each value an interval of its own."""
    path = dotted((*SECTION, name))
    if path in space.plan.constants:
        return _points(space.plan.constants[path])
    leaf = next(leaf for leaf in space.plan.drawn if leaf.path == path)
    inactive = _points(leaf.default) if leaf.when else []
    return inactive + (_points(leaf.value) if leaf.domain is None else _of_domain(leaf.domain))


def _of_domain(domain: Domain) -> list[Interval]:
    size = domain.size()
    if not isinstance(domain, Choice) and (size is None or size > MOST_VALUES):
        return [(domain.min, domain.max)]
    return _points(*map(domain.at, range(size or 0)))


def _points(*values: Value) -> list[Interval]:
    return [(float(value), float(value)) for value in values if isinstance(value, int | float)]
