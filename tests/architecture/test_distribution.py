"""Percentiles and histograms, for any amounts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.architecture.distribution import MOST_BARS, distribution

amounts = st.lists(st.integers(1, 10**12) | st.integers(1, 40), min_size=1, max_size=200)


@given(amounts)
def test_every_amount_is_in_exactly_one_bin(values: list[int]) -> None:
    bins = distribution(values)["histogram"]

    assert len(bins) <= MOST_BARS
    for each in bins:
        held = sum(each["from"] <= value <= each["to"] for value in values)
        assert each["count"] == held
    assert sum(each["count"] for each in bins) == len(values)


@given(amounts)
def test_percentiles_are_amounts_in_order(values: list[int]) -> None:
    told = distribution(values)

    percentiles = list(told["percentiles"].values())
    assert set(percentiles) <= set(values)
    assert percentiles == sorted(percentiles)
    assert told["min"] <= percentiles[0] <= percentiles[-1] <= told["max"]


def test_few_amounts_have_a_bin_each() -> None:
    assert distribution([3000, 1, 3000])["histogram"] == [
        {"from": 1, "to": 1, "count": 1},
        {"from": 3000, "to": 3000, "count": 2},
    ]


def test_whole_numbers_close_together_have_a_bin_each_where_there_is_none_of_them_too() -> None:
    bins = distribution([4, 5, 7, 8, 8, 9, 10, 11, 12, 14, 16, 18, 19])["histogram"]

    assert [each["from"] for each in bins] == [*range(4, 20)]
    assert [each["to"] for each in bins] == [*range(4, 20)]
    assert bins[2]["count"] == 0


def test_bins_that_are_even_hold_as_many_whole_numbers_each() -> None:
    bins = distribution([*range(30, 95)])["histogram"]

    assert {each["count"] for each in bins[:-1]} == {7}


def test_half_of_all_do_not_exceed_the_median() -> None:
    assert distribution([1, 2, 3, 4, 50])["percentiles"]["50"] == 3
