"""What is best among points of several objectives, of which less is better."""

from __future__ import annotations

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.records.dominance import (
    covers,
    crowding_distances,
    dominates,
    front_ranks,
    undominated,
)

coordinates = st.integers(0, 4).map(float)
points = st.lists(st.tuples(coordinates, coordinates, coordinates), max_size=20)


def test_nowhere_worse_and_somewhere_better_dominates() -> None:
    assert dominates((1, 2), (1, 3))
    assert not dominates((1, 3), (1, 2))
    assert not dominates((1, 3), (2, 2))
    assert not dominates((1, 2), (1, 2))
    assert covers((1, 2), (1, 2))


def test_a_front_is_numbered_by_how_many_fronts_are_before_it() -> None:
    assert front_ranks([(3, 3), (1, 2), (2, 1), (2, 2), (1, 2)]) == [2, 0, 0, 1, 0]


@given(points)
def test_fronts_are_what_is_left_undominated_once_those_before_are_taken_away(
    found: list[tuple[float, float, float]],
) -> None:
    ranks = front_ranks(found)

    for rank in range(max(ranks, default=-1) + 1):
        left = [point for point, its in zip(found, ranks, strict=True) if its >= rank]
        undominated = [point for point in left if not any(dominates(it, point) for it in left)]
        assert undominated == [
            point for point, its in zip(found, ranks, strict=True) if its == rank
        ]


@given(points)
def test_of_all_points_those_are_left_that_no_other_covers(
    found: list[tuple[float, float, float]],
) -> None:
    left = undominated(found)

    assert sorted(found[index] for index in left) == sorted(
        {point for point in found if not any(dominates(other, point) for other in found)}
    )
    assert all(index == found.index(found[index]) for index in left)


@given(st.lists(coordinates, max_size=20))
def test_with_one_objective_a_front_is_a_value(values: list[float]) -> None:
    order = sorted(set(values))

    assert front_ranks([(value,) for value in values]) == [order.index(value) for value in values]


def test_the_ends_are_loneliest_and_then_those_far_from_their_neighbours() -> None:
    distances = crowding_distances([(0, 10), (1, 9), (2, 4), (10, 0)])

    assert distances == [inf, 2 / 10 + 6 / 10, 9 / 10 + 9 / 10, inf]


def test_points_that_are_all_the_same_in_an_objective_are_told_apart_by_the_others() -> None:
    assert crowding_distances([(0, 5), (1, 5), (4, 5)])[1] == 1.0
    assert crowding_distances([]) == []
