"""Learning rates that let a training be scored at any rung, and the winner end at zero."""

from __future__ import annotations

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnsearch.tuning.rungs import plan_rungs
from cnnsearch.tuning.worker.schedules import FLOOR, RESTART, Annealing, RungSchedule

PEAK, RUNGS = 0.1, (70, 210, 630)
few_examples = settings(max_examples=25)


def rate(schedule: keras.optimizers.schedules.LearningRateSchedule, step: int) -> float:
    return float(schedule(step))


@pytest.mark.parametrize("rung", RUNGS)
def test_a_trial_is_scored_at_the_floor(rung: int) -> None:
    last = rate(RungSchedule(PEAK, RUNGS), rung - 1)  # of the step that is scored

    assert PEAK * FLOOR <= last < PEAK * 1.6 * FLOOR


@pytest.mark.parametrize("rung", RUNGS[:-1])
def test_a_trial_that_goes_on_has_the_full_rate_again(rung: int) -> None:
    assert rate(RungSchedule(PEAK, RUNGS), rung) == pytest.approx(PEAK)


def test_the_rate_rises_over_the_first_steps_only() -> None:
    schedule = RungSchedule(PEAK, RUNGS)
    rates = [rate(schedule, step) for step in range(36)]

    assert rates[:7] == pytest.approx([PEAK * (step + 1) / 7 for step in range(7)])
    assert rates[7:] == pytest.approx([PEAK] * 29)


@given(epochs=st.integers(1, 20), steps_per_epoch=st.integers(1, 200), share=st.floats(0, 1.1))
@few_examples
def test_the_rate_is_never_above_the_full_one_nor_below_the_floor(
    epochs: int, steps_per_epoch: int, share: float
) -> None:
    rungs = plan_rungs(epochs, steps_per_epoch).rungs
    step = int(share * rungs[-1])
    warming_up = min(1.0, (step + 1) / max(1.0, 0.1 * rungs[0]))

    found = rate(RungSchedule(PEAK, rungs), step)

    assert PEAK * FLOOR * warming_up * 0.999 <= found <= PEAK * warming_up * 1.001


def test_beyond_the_top_the_rate_stays_at_the_floor() -> None:
    assert rate(RungSchedule(PEAK, RUNGS), 630) == pytest.approx(PEAK * FLOOR)
    assert rate(RungSchedule(PEAK, RUNGS), 10_000) == pytest.approx(PEAK * FLOOR)


def annealed(done: float) -> float:
    """Return the learning rate when `done` of the time has gone."""
    schedule = Annealing(PEAK)
    schedule.done.assign(done)
    return rate(schedule, 1_000)


@given(done=st.floats(0, 2))
@few_examples
def test_annealing_never_exceeds_its_start_and_is_never_negative(done: float) -> None:
    assert 0 <= annealed(done) <= PEAK * RESTART


def test_annealing_ends_at_zero_and_stays_there() -> None:
    assert annealed(1) == 0
    assert annealed(1.5) == 0


def test_annealing_warms_up_and_then_falls_steadily() -> None:
    rates = [annealed(share / 100) for share in range(101)]

    assert rates[:6] == sorted(rates[:6])
    assert rates[6:] == sorted(rates[6:], reverse=True)
    assert rates[10] == pytest.approx(PEAK * RESTART * 0.9)


@pytest.mark.parametrize("schedule", [RungSchedule(PEAK, RUNGS), Annealing(PEAK)])
def test_a_schedule_is_made_again_from_its_configuration(
    schedule: keras.optimizers.schedules.LearningRateSchedule,
) -> None:
    again = type(schedule).from_config(schedule.get_config())

    assert [rate(again, step) for step in (0, 69, 70, 300)] == [
        rate(schedule, step) for step in (0, 69, 70, 300)
    ]
