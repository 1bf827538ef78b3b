"""Percentiles and histograms, for any amounts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.architecture.distribution import BINS, distribution

amounts = st.lists(st.integers(1, 10**12) | st.integers(1, 40), min_size=1, max_size=200)


@given(amounts)
def test_every_amount_is_in_exactly_one_bin(values: list[int]) -> None:
    bins = distribution(values)["histogram"]

    assert len(bins) <= BINS
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
    assert distribution([3, 1, 3])["histogram"] == [
        {"from": 1, "to": 1, "count": 1},
        {"from": 3, "to": 3, "count": 2},
    ]


def test_half_of_all_do_not_exceed_the_median() -> None:
    assert distribution([1, 2, 3, 4, 50])["percentiles"]["50"] == 3
