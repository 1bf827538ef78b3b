"""The volume that points dominate, exactly."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.results.hypervolume import added_volume, hypervolume

SIDE = 4
coordinates = st.integers(0, SIDE + 1).map(float)


def counted(points: list[tuple[float, ...]], dimensions: int) -> int:
    """Count the unit cells before (SIDE, SIDE, ...) that some point dominates."""
    cells = product(range(SIDE), repeat=dimensions)
    return sum(
        any(all(a <= b for a, b in zip(point, cell, strict=True)) for point in points)
        for cell in cells
    )


@pytest.mark.parametrize("dimensions", [1, 2, 3, 4])
@given(data=st.data())
def test_it_is_what_counting_cells_gives(dimensions: int, data: st.DataObject) -> None:
    points = data.draw(st.lists(st.tuples(*[coordinates] * dimensions), max_size=6))

    assert hypervolume(points, (SIDE,) * dimensions) == counted(points, dimensions)


@given(points=st.lists(st.tuples(coordinates, coordinates, coordinates), min_size=1, max_size=6))
def test_what_a_point_adds_is_the_difference(points: list[tuple[float, ...]]) -> None:
    reference = (SIDE,) * 3

    added = added_volume(points[-1], points[:-1], reference)

    assert added == hypervolume(points, reference) - hypervolume(points[:-1], reference)


def test_without_points_there_is_none() -> None:
    assert hypervolume([], (1.0, 1.0)) == 0
