"""The difference of two accuracies: what the papers calculate, and what chance explains."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.results.conftest import MakeRun, data, finish

from cnnsearch.results.difference import (
    Difference,
    accuracy_difference,
    independent_difference,
    mcnemar,
    paired_difference,
)
from cnnsearch.results.finished import read_baseline
from cnnsearch.results.interval import wilson_interval
from cnnsearch.results.summary_model import Interval

COUNTS = st.integers(0, 60)


def interval(correct: int, count: int) -> Interval:
    low, high = wilson_interval(correct, count)
    return Interval(accuracy=correct / count, low=low, high=high, correct=correct, count=count)


def test_the_interval_of_independent_proportions_is_newcombes() -> None:
    found = independent_difference(interval(56, 70), interval(48, 80))  # table II, example (a)

    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert not found.may_be_chance


@given(one=COUNTS, other=COUNTS)
def test_mcnemars_p_value_is_that_of_a_fair_coin(one: int, other: int) -> None:
    total = one + other
    as_unequal = [k for k in range(total + 1) if abs(2 * k - total) >= abs(one - other)]

    expected = Fraction(sum(comb(total, k) for k in as_unequal), 2**total)

    assert mcnemar(one, other) == pytest.approx(float(expected))


def test_thousands_of_pairs_have_a_p_value_too() -> None:
    assert mcnemar(5_000, 5_000) == 1
    assert 0 < mcnemar(4_900, 5_100) < 0.05


@given(one=COUNTS, other=COUNTS)
def test_the_difference_turns_around_with_its_sides(one: int, other: int) -> None:
    found, turned = paired_difference(one, other, 200), paired_difference(other, one, 200)

    assert found.low <= found.change <= found.high or one == 0 or other == 0
    assert (found.change, found.low, found.high) == pytest.approx(
        (-turned.change, -turned.high, -turned.low)
    )


def difference(
    make_run: MakeRun, changed: int, its_data: str = "f", keep: bool = True
) -> Difference:
    """Hold a run against one that got `changed` images right that it did not, of 200."""
    mine = [True] * 100 + [False] * 100
    its = [True] * (100 + changed) + [False] * (100 - changed)
    one = finish(make_run("one", dataset=data()), mine)
    other = finish(make_run("other", dataset=data(its_data)), its, keep=keep)
    found = [read_baseline(run.path.parent, run.name) for run in (one, other)]
    assert found[0] is not None
    assert found[1] is not None
    told = accuracy_difference(found[0], found[1], "test_accuracy")
    assert told is not None
    return told


def test_runs_on_the_same_test_split_are_paired(make_run: MakeRun) -> None:
    found = difference(make_run, 8)

    assert (found.test, found.only_one, found.only_other) == ("mcnemar", 0, 8)
    assert found.change == pytest.approx(-0.04)
    assert not found.may_be_chance  # which two independent halves of 200 would not tell


@pytest.mark.parametrize(("its_data", "keep"), [("another", True), ("f", False)])
def test_runs_that_cannot_be_paired_are_independent(
    make_run: MakeRun, its_data: str, keep: bool
) -> None:
    found = difference(make_run, 8, its_data, keep)

    assert (found.test, found.chance) == ("newcombe", None)
    assert found.may_be_chance
