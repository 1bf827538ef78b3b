"""What training will cost is learned from what it did."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.tuning.step_cost import MACS_PER_BYTE, RECENT, StepCost, Work

WORK = Work(macs=1_000, traffic=50)


def test_nothing_is_predicted_before_the_first_trial() -> None:
    assert StepCost().predict_s(WORK, images=64) is None


def test_time_grows_with_the_work_and_with_the_images() -> None:
    cost = StepCost()
    cost.observe(WORK, 0.01)

    assert cost.predict_s(WORK, images=1) == pytest.approx(0.01)
    assert cost.predict_s(Work(2_000, 100), images=64) == pytest.approx(1.28)


def test_after_one_trial_memory_counts_as_it_usually_does() -> None:
    cost = StepCost()
    cost.observe(Work(1_000, 0), 0.01)

    assert cost.predict_s(Work(1_000, 50), images=1) == pytest.approx(0.02)


@pytest.mark.parametrize("macs_per_byte", MACS_PER_BYTE)
def test_what_memory_costs_on_this_machine_is_learned(macs_per_byte: float) -> None:
    cost, rng = StepCost(), Random(1)
    for _ in range(20):
        work = Work(rng.randrange(10**6, 10**7), rng.randrange(10**4, 10**6))
        cost.observe(work, work.amount(macs_per_byte) * 1e-9 * rng.uniform(0.95, 1.05))

    for work in (Work(10**7, 10**4), Work(10**6, 10**6)):
        expected = work.amount(macs_per_byte) * 1e-9
        assert cost.predict_s(work, images=1) == pytest.approx(expected, rel=0.1)


def test_a_machine_that_became_slower_is_seen_as_it_is_now() -> None:
    cost = StepCost()
    for seconds in [0.01] * 10 * RECENT + [0.02] * RECENT:
        cost.observe(WORK, seconds)

    assert cost.predict_s(WORK, images=1) == pytest.approx(0.02)


def test_a_trial_that_was_held_up_does_not_spoil_the_prediction() -> None:
    cost = StepCost()
    for seconds in (0.01, 0.01, 50.0):
        cost.observe(WORK, seconds)

    assert cost.predict_s(WORK, images=1) == pytest.approx(0.01)


@given(macs=st.integers(0, 10), seconds=st.none() | st.just(0.0))
def test_a_trial_without_a_time_teaches_nothing(macs: int, seconds: float | None) -> None:
    cost = StepCost()
    cost.observe(Work(macs, 5), seconds)
    cost.observe(Work(0, 5), 1.0)

    assert cost.predict_s(WORK, images=64) is None
