"""Rungs are laid so that every training is looked at early, and the best third goes on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.tuning.rungs import (
    FACTOR,
    FIRST_RUNG_STEPS,
    LOOKING_SHARE,
    MORE_RUNGS,
    UNIT_STEPS,
    Pace,
    RungPlan,
    goes_on,
    goes_on_among,
    plan_rungs,
)

lengths = {"epochs": st.integers(1, 300), "steps_per_epoch": st.integers(1, 5_000)}
scores = st.floats(0, 1)


@given(**lengths)
def test_every_rung_is_so_many_times_the_one_before(epochs: int, steps_per_epoch: int) -> None:
    rungs = plan_rungs(epochs, images=steps_per_epoch, batch_size=1).rungs

    assert all(later == FACTOR * earlier for earlier, later in pairwise(rungs))


@given(**lengths)
def test_every_rung_is_reached_in_whole_units_that_are_short(
    epochs: int, steps_per_epoch: int
) -> None:
    plan = plan_rungs(epochs, images=steps_per_epoch, batch_size=1)

    assert all(rung % plan.unit == 0 for rung in plan.rungs)
    assert 1 <= plan.unit <= UNIT_STEPS


@given(**lengths)
def test_the_top_is_close_to_the_epochs_asked_for(epochs: int, steps_per_epoch: int) -> None:
    steps = epochs * steps_per_epoch

    assert abs(plan_rungs(epochs, images=steps_per_epoch, batch_size=1).top - steps) <= max(
        1, 0.04 * steps
    )


@given(**lengths)
def test_the_first_rung_is_as_early_as_it_may_be(epochs: int, steps_per_epoch: int) -> None:
    plan, steps = plan_rungs(epochs, images=steps_per_epoch, batch_size=1), epochs * steps_per_epoch

    assert plan.first >= min(FIRST_RUNG_STEPS, steps)
    assert plan.first < FACTOR * FIRST_RUNG_STEPS + UNIT_STEPS


@pytest.mark.parametrize(
    ("steps_per_epoch", "steps"), [(1, 600), (66, 600), (70, 630), (843, 7587)]
)
def test_left_to_the_data_a_full_training_has_9_epochs_or_600_steps(
    steps_per_epoch: int, steps: int
) -> None:
    assert plan_rungs(None, images=steps_per_epoch, batch_size=1).top == pytest.approx(
        steps, rel=0.1
    )


def test_a_plan_without_end_goes_on_where_the_usual_training_ends() -> None:
    usual, endless = (
        plan_rungs(None, images=70, batch_size=1),
        plan_rungs(None, images=70, batch_size=1, open_ended=True),
    )

    assert endless.rungs[: len(usual.rungs)] == usual.rungs
    assert endless.top == FACTOR**MORE_RUNGS * usual.top
    assert (usual.full_training, endless.full_training) == (usual.top, None)
    assert plan_rungs(9, images=70, batch_size=1, open_ended=True) == plan_rungs(
        9, images=70, batch_size=1
    )  # asked for: no more


def test_a_training_shorter_than_two_rungs_has_one() -> None:
    assert plan_rungs(1, images=1, batch_size=1).rungs == (1,)
    assert plan_rungs(1, images=FACTOR * FIRST_RUNG_STEPS - 1, batch_size=1).rungs == (180,)
    assert plan_rungs(1, images=FACTOR * FIRST_RUNG_STEPS, batch_size=1).rungs == (60, 180)


def test_the_default_space_on_the_embedded_data() -> None:
    plan = plan_rungs(9, images=70, batch_size=1)

    assert (plan.rungs, plan.unit) == ((70, 210, 630), 35)


@pytest.mark.parametrize(
    ("step", "rung"), [(0, 70), (69, 70), (70, 210), (209, 210), (630, 630), (700, 630)]
)
def test_the_next_look_lies_ahead_until_the_top(step: int, rung: int) -> None:
    assert plan_rungs(9, images=70, batch_size=1).next_look(step) == rung


@given(**lengths, look_steps=st.floats(0.1, 1_000))
def test_looks_between_rungs_take_a_small_share_of_the_training(
    epochs: int, steps_per_epoch: int, look_steps: float
) -> None:
    plan = plan_rungs(epochs, images=steps_per_epoch, batch_size=1, look_steps=look_steps)

    assert plan.rungs == plan_rungs(epochs, images=steps_per_epoch, batch_size=1).rungs
    assert all(look % plan.unit == 0 for look in plan.between)
    assert not set(plan.between) & set(plan.rungs)
    for before, look in pairwise(sorted((*plan.rungs, *plan.between))):
        if look in plan.between:  # up to the rounding to whole units
            assert look_steps <= 2 * LOOKING_SHARE * (look - before + plan.unit)


def test_a_long_training_of_the_default_space_is_looked_at_more_often_the_longer_it_is() -> None:
    plan = plan_rungs(
        None, images=843, batch_size=1, open_ended=True, look_steps=42
    )  # Fashion-MNIST, batches of 64

    assert plan.rungs[:6] == (96, 288, 864, 2592, 7776, 23328)
    assert plan.between[:7] == (3744, 5376, 9344, 11200, 13472, 16160, 19424)
    assert plan.next_look(2592) == 3744
    assert plan.looks_at(3744)
    assert not plan.looks_at(3712)


@given(unit=st.integers(1, UNIT_STEPS), batch=st.integers(1, 512), own=st.integers(1, 512))
def test_every_look_falls_on_a_whole_step_of_each_batch_size(
    unit: int, batch: int, own: int
) -> None:
    plan = RungPlan((unit, 3 * unit), unit, batch)
    pace = plan.pace(own)

    for look in plan.rungs:
        assert pace.steps(look) % pace.unit == 0
        assert pace.counted(pace.steps(look)) == look


@pytest.mark.parametrize(("batch_size", "steps"), [(64, 96), (128, 48), (32, 192), (256, 24)])
def test_trials_are_looked_at_after_as_many_images(batch_size: int, steps: int) -> None:
    plan = plan_rungs(None, images=54_000, batch_size=64, open_ended=True)

    assert plan.first == 96
    assert plan.pace(batch_size).steps(plan.first) == steps


def test_a_batch_that_does_not_divide_is_looked_at_as_near_as_whole_steps_come() -> None:
    pace = RungPlan((60, 180), 30, 64).pace(100)

    assert pace == Pace(19, 30)
    assert 100 * pace.steps(180) == pytest.approx(64 * 180, rel=0.02)


def test_a_batch_larger_than_a_unit_makes_one_step_of_it() -> None:
    assert RungPlan((60,), 30, 8).pace(512) == Pace(1, 30)


def is_good_enough(value: float, others: Sequence[float]) -> bool:
    return goes_on(sum(other >= value for other in others), len(others))


def test_the_first_to_come_always_goes_on() -> None:
    assert goes_on(0, 0)


@given(values=st.lists(scores, min_size=1, max_size=30, unique=True))
def test_of_trials_that_are_all_there_the_best_third_goes_on(values: list[float]) -> None:
    going = [
        value
        for index, value in enumerate(values)
        if is_good_enough(value, values[:index] + values[index + 1 :])
    ]

    assert sorted(going) == sorted(values)[-max(1, len(values) // FACTOR) :]


def test_a_trial_that_only_equals_the_best_so_far_does_not_go_on() -> None:
    assert not goes_on(1, 1)
    assert goes_on(0, 1)


points = st.tuples(st.integers(0, 5).map(float), st.integers(0, 5).map(float))


@given(point=points, others=st.lists(points, max_size=20))
def test_with_several_objectives_the_first_and_the_ends_of_the_front_go_on(
    point: tuple[float, float], others: list[tuple[float, float]]
) -> None:
    assert goes_on_among(point, [])

    beyond = (min(other[0] for other in [*others, point]) - 1, 9.0)
    assert goes_on_among(beyond, others)


def test_a_smaller_network_is_not_stopped_for_a_slightly_lower_score() -> None:
    large = [(-0.90, 9e6), (-0.89, 8e6), (-0.91, 9.5e6), (-0.88, 8.5e6)]

    assert goes_on_among((-0.86, 1e6), large)
    assert not goes_on_among((-0.86, 9e6), large)
    assert not is_good_enough(0.86, [-score for score, _ in large])


@given(value=scores, others=st.lists(scores, max_size=20, unique=True))
def test_where_a_cost_is_the_same_for_all_the_score_decides(
    value: float, others: list[float]
) -> None:
    others = [other for other in others if other != value]

    among = goes_on_among((-value, 5.0), [(-other, 5.0) for other in others])

    assert among == is_good_enough(value, others)
