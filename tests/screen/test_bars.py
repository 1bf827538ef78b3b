"""A bar is as wide as asked and never lies about its ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.screen.bars import DONE, OPEN, RESERVE, Gauge

amounts = st.floats(-10, 1e6)


@given(amounts, st.none() | amounts, amounts, st.integers(0, 200))
def test_a_bar_is_as_wide_as_asked(
    done: float, total: float | None, reserve: float, width: int
) -> None:
    assert len(Gauge(done, total, reserve).cells(width)) == width


def test_the_reserve_is_marked_at_the_end() -> None:
    assert Gauge(30, 100, 20).cells(10) == DONE * 3 + OPEN * 5 + RESERVE * 2


def test_a_small_reserve_stays_visible() -> None:
    assert Gauge(0, 1000, 1).cells(10) == OPEN * 9 + RESERVE


def test_the_bar_is_full_only_at_the_end() -> None:
    assert OPEN in Gauge(99.9, 100).cells(10)
    assert Gauge(100, 100).cells(10) == DONE * 10


def test_time_runs_into_the_reserve() -> None:
    assert Gauge(90, 100, 20).cells(10) == DONE * 9 + RESERVE
