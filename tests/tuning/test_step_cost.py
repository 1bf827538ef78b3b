"""What training will cost is learned from what it did."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.tuning.step_cost import StepCost


def test_nothing_is_predicted_before_the_first_trial() -> None:
    assert StepCost().predict_s(macs=1_000, images=64) is None


def test_time_grows_with_macs_and_with_images() -> None:
    cost = StepCost()
    cost.observe(macs=1_000, seconds_per_image=0.01)

    assert cost.predict_s(macs=1_000, images=1) == pytest.approx(0.01)
    assert cost.predict_s(macs=2_000, images=64) == pytest.approx(1.28)


def test_a_trial_that_was_held_up_does_not_spoil_the_prediction() -> None:
    cost = StepCost()
    for seconds in (0.01, 0.01, 50.0):
        cost.observe(macs=1_000, seconds_per_image=seconds)

    assert cost.predict_s(macs=1_000, images=1) == pytest.approx(0.01)


@given(macs=st.integers(0, 10), seconds=st.none() | st.just(0.0))
def test_a_trial_without_a_time_teaches_nothing(macs: int, seconds: float | None) -> None:
    cost = StepCost()
    cost.observe(macs=macs, seconds_per_image=seconds)
    cost.observe(macs=0, seconds_per_image=1.0)

    assert cost.predict_s(macs=1_000, images=64) is None
