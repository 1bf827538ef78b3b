"""Half of the time is the best trial's, half its challengers', who must be able to catch up."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cnnsearch.tuning.racing import (
    LEAST_S,
    can_overtake,
    has_its_share,
    has_stopped_improving,
    heir_is_compared,
    is_ample,
    is_compared,
    may_begin,
    steps_to_catch_up,
)


@pytest.mark.parametrize(
    ("leader_s", "all_s", "waits"),
    [(60, 120, True), (59, 120, False), (LEAST_S, LEAST_S, True), (LEAST_S - 1, LEAST_S, False)],
)
def test_the_best_trial_waits_once_it_has_had_half_of_the_time(
    leader_s: float, all_s: float, waits: bool
) -> None:
    assert has_its_share(leader_s, all_s, workers=1) is waits


def test_of_several_workers_one_is_the_best_trials_own() -> None:
    assert not has_its_share(1_000, 1_000, workers=2)


@pytest.mark.parametrize(
    ("looks", "ends"),
    [((50, 100), False), ((100, 110, 139), False), ((100, 120, 140), True), ((100, 144), False)],
)
def test_the_best_trial_ends_where_two_looks_or_more_were_no_better_for_long(
    looks: Sequence[int], ends: bool
) -> None:
    assert has_stopped_improving(looks, scored_step=100) is ends


@pytest.mark.parametrize(("seconds_left", "compared"), [(399, True), (400, False), (0, True)])
def test_the_more_time_is_left_the_later_a_challenger_is_compared(
    seconds_left: float, compared: bool
) -> None:
    assert is_compared(10, seconds_left) is compared


@pytest.mark.parametrize(
    ("parent_s", "seconds_left", "compared"),
    [(10, 1_000, True), (11, 1_000, False), (1_000, 40, True), (1_000, 41, False)],
)
def test_an_heir_has_as_long_as_its_parent_but_at_most_a_quarter_of_what_is_left(
    parent_s: float, seconds_left: float, compared: bool
) -> None:
    assert heir_is_compared(10, parent_s, seconds_left) is compared


@pytest.mark.parametrize(("to_leader_s", "begins"), [(50, True), (51, False), (None, True)])
def test_a_challenger_that_begins_needs_half_of_what_is_left_at_most(
    to_leader_s: float | None, begins: bool
) -> None:
    assert may_begin(to_leader_s, 100) is begins


@pytest.mark.parametrize(
    ("workers", "to_leader_s", "overtakes"),
    [(1, 50, True), (1, 51, False), (2, 100, True), (2, 101, False), (2, None, True)],
)
def test_one_that_does_well_has_all_that_is_left_where_the_best_has_another_worker(
    workers: int, to_leader_s: float | None, overtakes: bool
) -> None:
    assert can_overtake(to_leader_s, 100, workers=workers) is overtakes


@pytest.mark.parametrize(
    ("cost_ratio", "steps"), [(1.0, 900), (4.0, 450), (9.0, 300), (0.25, 900), (None, 900)]
)
def test_what_costs_more_a_step_needs_fewer_and_what_costs_less_no_more(
    cost_ratio: float | None, steps: int
) -> None:
    assert steps_to_catch_up(900, cost_ratio) == steps


@pytest.mark.parametrize(("best_s", "ample"), [(10, True), (11, False), (None, False)])
def test_ten_times_what_the_best_took_is_ample_time(best_s: float | None, ample: bool) -> None:
    assert is_ample(100, best_s) is ample


def test_what_costs_nothing_can_be_done_when_no_time_is_left() -> None:
    assert can_overtake(0, 0, workers=1)
    assert not can_overtake(1, 0, workers=2)
