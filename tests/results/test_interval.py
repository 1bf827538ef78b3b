"""The interval of an accuracy is Wilson's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.results.interval import wilson_interval

proportions = st.integers(1, 10**6).flatmap(
    lambda count: st.tuples(st.integers(0, count), st.just(count))
)


@pytest.mark.parametrize(
    ("correct", "count", "low", "high"),
    [
        (
            81,
            263,
            0.2553,
            0.3662,
        ),  # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0000),  # the opposite of 0 of 20
    ],
)
def test_published_intervals_come_out(correct: int, count: int, low: float, high: float) -> None:
    assert wilson_interval(correct, count) == pytest.approx((low, high), abs=5.1e-5)


@given(proportions)
def test_the_share_itself_is_within_and_all_within_0_and_1(proportion: tuple[int, int]) -> None:
    correct, count = proportion
    low, high = wilson_interval(correct, count)

    assert 0 <= low <= correct / count + 1e-12
    assert correct / count - 1e-12 <= high <= 1


@given(proportions)
def test_what_is_wrong_has_the_opposite_interval(proportion: tuple[int, int]) -> None:
    correct, count = proportion
    low, high = wilson_interval(correct, count)

    assert wilson_interval(count - correct, count) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@given(proportions, st.integers(2, 100))
def test_more_examples_of_the_same_share_are_surer(proportion: tuple[int, int], times: int) -> None:
    low, high = wilson_interval(*proportion)
    surer_low, surer_high = wilson_interval(times * proportion[0], times * proportion[1])

    assert surer_high - surer_low < high - low


@pytest.mark.parametrize(("correct", "count"), [(0, 0), (1, 0), (-1, 5), (6, 5), (1, -1)])
def test_what_is_no_proportion_is_refused(correct: int, count: int) -> None:
    with pytest.raises(ValueError, match=f"{correct} of {count} is no proportion"):
        wilson_interval(correct, count)
