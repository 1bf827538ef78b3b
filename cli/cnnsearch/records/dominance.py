"""Which of several points are best, where there is more than one objective.

A point is a tuple with a number for each objective, of which less is better. One point dominates
another when it is nowhere worse and somewhere better.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Point = tuple[float, ...]


def covers(one: Point, other: Point) -> bool:
    """Tell whether `one` is nowhere worse than `other`: it dominates it, or equals it."""
    return all(a <= b for a, b in zip(one, other, strict=True))


def dominates(one: Point, other: Point) -> bool:
    """Tell whether `one` is nowhere worse than `other` and somewhere better."""
    return one != other and covers(one, other)


def undominated(points: Sequence[Point]) -> list[int]:
    """Return the indices of the points that no other dominates, ascending in the first objective.

    Of equal points only the first is one of them.
    """
    front: list[int] = []
    for index in sorted(range(len(points)), key=points.__getitem__):
        if not any(covers(points[other], points[index]) for other in front):
            front.append(index)
    return front


def front_ranks(points: Sequence[Point]) -> list[int]:
    """Return for each point the number of its front: 0 where no other dominates it.

    Non-dominated sorting, a point after the other: sorted, none can be dominated by a later one
    (ENS, Zhang et al. 2015, doi:10.1109/TEVC.2014.2308305).
    """
    fronts: list[list[Point]] = []
    ranks = [0] * len(points)
    for index in sorted(range(len(points)), key=points.__getitem__):
        point = points[index]
        free = (
            rank
            for rank, front in enumerate(fronts)
            if not any(dominates(other, point) for other in reversed(front))
        )
        ranks[index] = next(free, len(fronts))
        if ranks[index] == len(fronts):
            fronts.append([])
        fronts[ranks[index]].append(point)
    return ranks


def crowding_distances(points: Sequence[Point]) -> list[float]:
    """Return how lonely each point is: infinite at the ends of an objective (NSGA-II).

    Deb et al. 2002, doi:10.1109/4235.996017: the sum over the objectives of the distance between a
    point's two neighbours, as a share of the objective's range.
    """
    distances = [0.0] * len(points)
    for objective in range(len(points[0]) if points else 0):
        order = sorted(range(len(points)), key=lambda index: points[index][objective])
        low, high = points[order[0]][objective], points[order[-1]][objective]
        distances[order[0]] = distances[order[-1]] = math.inf
        if high == low:
            continue
        for before, index, after in zip(order, order[1:], order[2:], strict=False):
            apart = points[after][objective] - points[before][objective]
            distances[index] += apart / (high - low)
    return distances
