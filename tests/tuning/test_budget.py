"""How the time is divided between searching, finishing and exporting."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.tuning.budget import EXPORT_S, Budget

times = st.floats(1e-3, 1e7)
reserves = st.floats(0, 0.9)


@given(time_s=times, reserve=reserves)
def test_searching_ends_before_finishing_and_finishing_before_the_time(
    time_s: float, reserve: float
) -> None:
    budget = Budget(time_s, None, reserve)

    assert 0 < budget.search_until_s <= budget.finish_until_s <= time_s


@given(time_s=times, reserve=reserves)
def test_more_than_was_asked_for_is_kept_only_up_to_60_percent(
    time_s: float, reserve: float
) -> None:
    assert Budget(time_s, None, reserve).reserve_s <= max(0.6, reserve) * time_s


@given(time_s=times, reserve=reserves)
def test_the_export_has_its_time_wherever_that_leaves_some_to_search(
    time_s: float, reserve: float
) -> None:
    budget = Budget(time_s, None, reserve)

    assert time_s - budget.finish_until_s == pytest.approx(min(EXPORT_S, budget.reserve_s))
    assert budget.reserve_s >= min(EXPORT_S, 0.6 * time_s)


def test_the_share_asked_for_is_kept() -> None:
    budget = Budget(time_s=600, trials=None, reserve=0.25)

    assert (budget.reserve_s, budget.search_until_s) == (150, 450)
    assert budget.finish_until_s == 600 - EXPORT_S


def test_without_a_limit_nothing_ends() -> None:
    budget = Budget(time_s=None, trials=60, reserve=0.25)

    assert (budget.reserve_s, budget.search_until_s, budget.finish_until_s) == (0, inf, inf)
