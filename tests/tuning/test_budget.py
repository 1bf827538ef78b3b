"""How the time is divided between searching, finishing and exporting."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.tuning.budget import USUAL, Budget
from cnnsearch.tuning.needs import Needs

times = st.floats(1e-3, 1e7)
reserves = st.floats(0, 0.9)
needed = st.builds(Needs, st.floats(0, 1e4), st.floats(0, 1e5) | st.just(inf), st.floats(0, 1e4))


@given(time_s=times, reserve=reserves, needs=needed)
def test_searching_ends_before_finishing_and_finishing_before_the_time(
    time_s: float, reserve: float, needs: Needs
) -> None:
    budget = Budget(time_s, None, reserve).with_needs(needs)

    assert 0 < budget.search_until_s <= budget.finish_until_s <= time_s


@given(time_s=times, reserve=reserves, needs=needed)
def test_more_than_was_asked_for_is_kept_only_up_to_60_percent(
    time_s: float, reserve: float, needs: Needs
) -> None:
    budget = Budget(time_s, None, reserve).with_needs(needs)

    assert budget.reserve_s <= max(0.6, reserve) * time_s


@given(time_s=times, reserve=reserves, needs=needed)
def test_the_export_has_its_time_wherever_that_leaves_some_to_search(
    time_s: float, reserve: float, needs: Needs
) -> None:
    budget = Budget(time_s, None, reserve).with_needs(needs)

    kept_s = min(needs.after_s, budget.reserve_s)
    assert time_s - budget.finish_until_s == pytest.approx(kept_s, abs=1e-6)
    assert budget.reserve_s >= min(needs.after_s, 0.6 * time_s)


def test_the_share_asked_for_is_kept() -> None:
    budget = Budget(time_s=600, trials=None, reserve=0.25)

    assert (budget.reserve_s, budget.search_until_s) == (150, 450)
    assert budget.finish_until_s == 600 - USUAL.after_s
    assert budget.annealing_s == budget.finish_until_s - budget.search_until_s


def test_a_slow_network_has_as_long_an_annealing_as_a_quick_one() -> None:
    usual = Budget(time_s=600, trials=None, reserve=0.25)
    slow = usual.with_needs(Needs(before_s=40.0, longest_s=1e4, after_s=90.0))

    annealing_s = usual.reserve_s - USUAL.before_s - USUAL.after_s
    assert slow.reserve_s == pytest.approx(annealing_s + 40 + 90)
    assert slow.finish_until_s == 600 - 90


def test_what_the_longest_annealing_leaves_goes_to_the_search() -> None:
    budget = Budget(time_s=36_000, trials=None, reserve=0.25)

    learned = budget.with_needs(Needs(before_s=5.0, longest_s=300.0, after_s=15.0))

    assert (budget.search_until_s, learned.search_until_s) == (27_000, 36_000 - 320)


def test_without_a_limit_nothing_ends() -> None:
    budget = Budget(time_s=None, trials=60, reserve=0.25)

    assert (budget.reserve_s, budget.search_until_s, budget.finish_until_s) == (0, inf, inf)
    assert budget.annealing_s == inf
