"""Learning rates that let a training end or go on at any step, and the winner end at zero."""

from __future__ import annotations

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnsearch.tuning.worker.schedules import Annealing, SteadyRate

PEAK = 0.1
few_examples = settings(max_examples=25)


def rate(schedule: keras.optimizers.schedules.LearningRateSchedule, step: int) -> float:
    return float(schedule(step))


def test_the_rate_rises_over_the_first_steps_and_then_stays() -> None:
    schedule = SteadyRate(PEAK, 4)

    rates = [rate(schedule, step) for step in (0, 1, 2, 3, 4, 100, 1_000_000)]

    assert rates == pytest.approx([PEAK * share for share in (0.25, 0.5, 0.75, 1, 1, 1, 1)])


def test_without_warm_up_the_first_step_has_the_full_rate() -> None:
    assert rate(SteadyRate(PEAK, 0), 0) == pytest.approx(PEAK)


def annealed(done: float) -> float:
    """Return the learning rate when `done` of the time has gone."""
    schedule = Annealing(PEAK)
    schedule.done.assign(done)
    return rate(schedule, 1_000)


@given(done=st.floats(0, 2))
@few_examples
def test_annealing_never_exceeds_its_start_and_is_never_negative(done: float) -> None:
    assert 0 <= annealed(done) <= PEAK * 1.000001


def test_annealing_ends_at_zero_and_stays_there() -> None:
    assert annealed(1) == 0
    assert annealed(1.5) == 0


def test_annealing_begins_at_the_full_rate_and_falls_straight() -> None:
    rates = [annealed(share / 10) for share in range(11)]

    assert rates == pytest.approx([PEAK * (1 - share / 10) for share in range(11)])


@pytest.mark.parametrize("schedule", [SteadyRate(PEAK, 100), Annealing(PEAK)])
def test_a_schedule_is_made_again_from_its_configuration(
    schedule: keras.optimizers.schedules.LearningRateSchedule,
) -> None:
    again = type(schedule).from_config(schedule.get_config())

    assert [rate(again, step) for step in (0, 69, 70, 300)] == [
        rate(schedule, step) for step in (0, 69, 70, 300)
    ]
