"""Half of the time is the best trial's, half its challengers', who must be able to catch up."""

from __future__ import annotations

import pytest

from cnnsearch.tuning.racing import LEAST_S, can_overtake, has_its_share, has_stopped_improving


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


@pytest.mark.parametrize(("step", "ends"), [(100, False), (139, False), (140, True)])
def test_the_best_trial_ends_where_it_has_long_got_no_better(step: int, ends: bool) -> None:
    assert has_stopped_improving(step, scored_step=100) is ends


@pytest.mark.parametrize(("to_leader_s", "overtakes"), [(50, True), (51, False), (None, True)])
def test_a_challenger_needs_the_other_half_of_what_is_left(
    to_leader_s: float | None, overtakes: bool
) -> None:
    assert can_overtake(to_leader_s, 100) is overtakes


def test_what_costs_nothing_can_be_done_when_no_time_is_left() -> None:
    assert can_overtake(0, 0)
    assert not can_overtake(1, 0)
