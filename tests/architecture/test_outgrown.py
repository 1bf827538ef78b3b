"""What scaling would make of a network that nobody could ask for is infeasible, and soon so."""

from __future__ import annotations

import pytest
from tests.space.conftest import Load, load

from cnnsearch.architecture import Architecture, InfeasibleError, describe
from cnnsearch.space import draw, first_guess
from cnnsearch.space.counting import count_candidates

__all__ = ["load"]  # a fixture
SPACE = """
name: scaled
architecture:
  scaling: {%s}
  stem: {width: 16}
  stages: {count: 2, width: 16, depth: 4, dropout: {values: [0, 0.1], per: block}}
  head: {width: 32}
"""


def scaled(load: Load, factors: str, side: int = 28) -> Architecture:
    candidate = draw(load(SPACE % factors), first_guess)
    return describe(candidate.architecture, (side, side, 1), 10)


@pytest.mark.parametrize(
    ("factors", "reason"),
    [
        ("depth: 10, width: 1, resolution: 1, phi: 10", "stage0: more than 64 blocks"),
        ("depth: 1, width: 10, resolution: 1, phi: 10", "stem: more than 8,192 channels"),
        ("depth: 1, width: 1, resolution: 10, phi: 10", "images of more than 2,048 pixels"),
        ("depth: 1, width: 1, resolution: 0.1, phi: 10", "images of less than 4 pixels"),
        ("depth: 9.9, width: 1, resolution: 1, phi: 1.3", "stage0: more than 64 blocks"),
    ],
)
def test_what_nobody_could_ask_for_is_infeasible(load: Load, factors: str, reason: str) -> None:
    with pytest.raises(InfeasibleError, match=reason):
        scaled(load, factors)


@pytest.mark.parametrize(
    ("factors", "rows"),
    [("width: 1, resolution: 1, depth: 4, phi: 2", 64), ("width: 1, resolution: 1, depth: 0.1", 1)],
)
def test_what_could_be_asked_for_is_not(load: Load, factors: str, rows: int) -> None:
    names = [row.name for row in scaled(load, factors).rows]

    assert sum(name.startswith("stage1.") and name.endswith(".conv") for name in names) == rows


def test_images_may_be_scaled_to_the_sizes_that_can_be_asked_for(load: Load) -> None:
    for factor, side in ((0.5, 8), (8, 256)):
        network = scaled(load, f"depth: 1, width: 1, resolution: {factor}", side)

        assert network.rows[0].output_shape == (side * factor, side * factor, 1)


def test_small_images_are_small_only_where_scaling_makes_them_so(load: Load) -> None:
    network = scaled(load, "depth: 1.2, width: 1, resolution: 1", side=3)

    assert network.input_shape == (3, 3, 1)


def test_the_candidates_of_a_space_that_outgrows_itself_are_counted(load: Load) -> None:
    count = count_candidates(load(SPACE % "depth: 10, width: 1, resolution: 1, phi: 10"))

    assert count.number > 0
