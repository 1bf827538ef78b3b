"""The volume that points dominate: how far a front has come, as one number, exactly.

A point is a tuple with a number for each objective, of which less is better, as in
`records.dominance`. The volume is that of all places which some point dominates and which lie
before the reference; it grows with every point that joins the front, and with no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from cnnsearch.records.dominance import Point, undominated


def hypervolume(points: Sequence[Point], reference: Point) -> float:
    """Return the volume between `points` and `reference`.

    Each point adds what those before it do not dominate (WFG, While et al. 2012,
    doi:10.1109/TEVC.2010.2077298).
    """
    return sum(added_volume(point, points[:index], reference) for index, point in enumerate(points))


def added_volume(point: Point, others: Sequence[Point], reference: Point) -> float:
    """Return the volume that `point` dominates and none of `others` does."""
    own = prod(max(0.0, most - each) for each, most in zip(point, reference, strict=True))
    if not own:
        return 0.0
    shared = [tuple(map(max, point, other)) for other in others]
    return own - hypervolume([shared[index] for index in undominated(shared)], reference)
