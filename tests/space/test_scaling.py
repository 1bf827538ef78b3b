"""Compound scaling: factors, and how depth and width are rounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.space.scaling import TOO_DEEP, Scaling, compound_scaling, rounded_width
from cnnsearch.space.settings import MOST_BLOCKS


def test_phi_zero_changes_nothing() -> None:
    assert compound_scaling(0, 1.2, 1.1, 1.15) == Scaling(1, 1, 1)


def test_the_papers_factors_double_the_cost_with_each_phi() -> None:
    assert compound_scaling(1, 1.2, 1.1, 1.15).cost == pytest.approx(2, rel=0.05)
    assert compound_scaling(3, 1.2, 1.1, 1.15).cost == pytest.approx(8, rel=0.15)


@given(blocks=st.integers(1, 64), depth=st.floats(0.1, 10))
def test_depth_is_rounded_up(blocks: int, depth: float) -> None:
    scaled = Scaling(depth=depth).scaled_depth(blocks)

    assert scaled - 1 < blocks * depth <= scaled + 1e-6 or scaled in (1, TOO_DEEP)


def test_a_depth_beyond_all_limits_is_one_that_is_refused() -> None:
    assert compound_scaling(10, 10, 1, 1).scaled_depth(64) == TOO_DEEP == MOST_BLOCKS + 1


def test_the_noise_of_a_power_adds_no_block() -> None:
    scaling = compound_scaling(2, 1.2, 1, 1)  # 1.2**2 is 1.44, and 25 * 1.44 is 36

    assert scaling.scaled_depth(25) == 36


@given(channels=st.floats(1, 4000))
def test_width_is_a_multiple_of_8_and_loses_no_more_than_a_tenth(channels: float) -> None:
    rounded = rounded_width(channels)

    assert rounded % 8 == 0
    assert 0.9 * channels <= rounded <= max(8, 1.4 * channels + 4)


@given(channels=st.integers(1, 4000))
def test_a_width_that_is_not_scaled_is_kept(channels: int) -> None:
    assert Scaling(depth=2, resolution=2).scaled_width(channels) == channels
