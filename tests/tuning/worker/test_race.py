"""The best trials go on, and no others take the time that the best could use."""

from __future__ import annotations

import pytest
from tests.tuning.worker.conftest import ENDS_BY_TIME, MakeWorld, World, work

from cnnsearch.records.study import open_study
from cnnsearch.tuning.budget import Budget
from cnnsearch.tuning.racing import LEAST_S
from cnnsearch.tuning.rungs import RungPlan
from cnnsearch.tuning.worker.outcome import Outcome


@pytest.mark.parametrize("is_mine", [True, False])
def test_what_ended_trials_cost_is_known_to_the_next_whoever_had_them(
    world: World, is_mine: bool
) -> None:
    mine = world.oracle()
    ender = mine if is_mine else world.oracle_of(1)
    trial = ender.create_trial("tuner")
    ender.conclude(trial.trial_id, Outcome("pruned", {"image": 0.5}))

    ender.end_trial(trial)
    mine.create_trial("tuner")

    assert mine.race.cost.predict_s(work(world.study.trials()[0]), images=2) == pytest.approx(1.0)


def test_the_best_go_on_the_others_are_pruned_and_the_top_completes(world: World) -> None:
    oracle = world.oracle()
    numbers = [world.begin().number for _ in range(3)]

    verdicts = [
        oracle.verdict(n, 4, value) for n, value in zip(numbers, (0.5, 0.4, 0.6), strict=True)
    ]

    assert verdicts == ["goes on", "pruned", "goes on"]
    assert oracle.verdict(2, 12, 0.1) == "complete"
    assert dict(open_study(world.folder.journal).trials()[2].looks) == {4: 0.6, 12: 0.1}


def test_where_a_loss_is_sought_the_least_goes_on(make_world: MakeWorld) -> None:
    world = make_world(
        "architecture: {stages: {count: 1, width: {min: 1, max: 9}}}\nobjectives: {val_loss: min}\n"
    )
    oracle = world.oracle()
    numbers = [world.begin().number for _ in range(3)]

    verdicts = [
        oracle.verdict(n, 4, value) for n, value in zip(numbers, (0.5, 0.6, 0.4), strict=True)
    ]

    assert verdicts == ["goes on", "pruned", "goes on"]
    assert (oracle.objective.name, oracle.objective.direction) == ("val_loss", "min")


def test_with_several_objectives_a_small_network_goes_on_with_a_lower_score(
    make_world: MakeWorld,
) -> None:
    world = make_world(
        "architecture: {stages: {count: 1, width: {min: 1, max: 20}}}\n"
        "objectives: {val_accuracy: max, macs: min}\n"
    )
    oracle = world.oracle()
    widths = (10, 20, 2, 15)
    numbers = [world.begin({"architecture.stages.width": width}).number for width in widths]

    verdicts = [
        oracle.verdict(n, 4, value) for n, value in zip(numbers, (0.5, 0.6, 0.3, 0.4), strict=True)
    ]

    assert verdicts == ["goes on", "goes on", "goes on", "pruned"]
    assert oracle.verdict(2, 12, 0.1) == "complete"


def test_a_look_taken_again_is_not_compared_with_itself(world: World) -> None:
    oracle = world.oracle()
    number = world.begin().number

    assert oracle.verdict(number, 4, 0.5) == "goes on"
    assert oracle.verdict(number, 4, 0.5) == "goes on"


def test_without_pruning_every_trial_goes_to_the_top(make_world: MakeWorld) -> None:
    world = make_world(
        "architecture: {stages: {count: 1, width: {min: 1, max: 9}}}\nsearch: {pruning: none}\n"
    )
    oracle = world.oracle()
    numbers = [world.begin().number for _ in range(2)]

    assert [oracle.verdict(n, 4, 0.9 - n / 2) for n in numbers] == ["goes on", "goes on"]
    assert oracle.verdict(1, 12, 0.1) == "complete"


def test_the_best_trial_waits_for_challengers_once_it_has_had_half_of_the_time(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=ENDS_BY_TIME)
    oracle = world.oracle()
    number = world.begin().number

    assert oracle.verdict(number, 4, 0.8, seconds=LEAST_S - 1) == "goes on"
    assert oracle.verdict(number, 4, 0.8, seconds=LEAST_S) == "paused"


@pytest.mark.parametrize("budget", [Budget(None, None, 0.0), Budget(1_000.0, 5, 0.0)])
def test_where_not_the_time_alone_ends_the_search_nothing_waits(
    make_world: MakeWorld, budget: Budget
) -> None:
    world = make_world(budget=budget)

    assert world.oracle().verdict(world.begin().number, 4, 0.8, seconds=1e6) == "goes on"


def test_a_challenger_that_can_no_longer_come_as_far_is_pruned(make_world: MakeWorld) -> None:
    world = make_world(budget=ENDS_BY_TIME)
    world.paused_trial(0.8, step=12, seconds=60)
    challenger = world.begin().number
    world.clock.now = world.budget.search_until_s - 0.05
    oracle = world.oracle()

    assert oracle.verdict(challenger, 4, 0.7, seconds=1) == "pruned"
    world.clock.now = 0.0
    assert oracle.verdict(challenger, 4, 0.7, seconds=1) == "goes on"


def test_a_network_of_the_front_is_trained_as_far_as_the_leader_and_no_further(
    make_world: MakeWorld,
) -> None:
    world = make_world(
        "architecture: {stages: {count: 1, width: {min: 1, max: 20}}}\n"
        "objectives: {val_accuracy: max, macs: min}\n",
        budget=ENDS_BY_TIME,
        plan=RungPlan((4, 12, 36, 108), 2, 8),
    )
    leader = world.begin({"architecture.stages.width": 20}).number
    world.study.report(leader, 4, 0.7)
    world.study.report(leader, 12, 0.8)
    world.study.pause(leader, seconds={"total": 60, "image": 1e-3})
    small = world.begin({"architecture.stages.width": 2}).number
    oracle = world.oracle()

    assert oracle.verdict(small, 4, 0.5, seconds=1) == "goes on"
    assert oracle.verdict(small, 12, 0.6, seconds=2) == "pruned"
    assert [trial.number for trial in world.study.front()] == [leader, small]


def test_a_trial_that_was_overtaken_ends_at_its_next_look_and_makes_room(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=ENDS_BY_TIME, plan=RungPlan((4, 36), 2, 8, between=(12, 24)))
    first, better = world.begin().number, world.begin().number
    oracle = world.oracle()
    for step in (4, 12):
        world.study.report(first, step, 0.6)
        world.study.report(better, step, 0.8)

    assert oracle.verdict(first, 24, 0.7, seconds=2) == "pruned"
    assert oracle.verdict(better, 24, 0.85, seconds=2) == "goes on"


def test_the_best_trial_ends_when_it_has_long_got_no_better(make_world: MakeWorld) -> None:
    world = make_world(budget=ENDS_BY_TIME, plan=RungPlan((4, 12, 108), 2, 8, between=(24, 32, 36)))
    number = world.begin().number
    oracle = world.oracle()
    verdicts = [
        oracle.verdict(number, step, value, seconds=1)
        for step, value in ((4, 0.5), (12, 0.6), (24, 0.7), (32, 0.69), (36, 0.69))
    ]

    assert verdicts == ["goes on"] * 4 + ["complete"]


def test_with_much_time_left_a_challenger_is_compared_later(make_world: MakeWorld) -> None:
    world = make_world(budget=ENDS_BY_TIME, plan=RungPlan((4, 12, 36, 108), 2, 8))
    leader, challenger = world.begin().number, world.begin().number
    for step in (4, 12, 36):
        world.study.report(leader, step, 0.8)
    oracle = world.oracle()

    assert oracle.verdict(challenger, 4, 0.5, seconds=1) == "goes on"
    assert oracle.verdict(challenger, 12, 0.5, seconds=10) == "pruned"


def test_a_challenger_that_has_come_as_far_as_the_best_is_compared_however_quick_it_was(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=ENDS_BY_TIME, plan=RungPlan((4, 12, 36, 108), 2, 8))
    leader, challenger = world.begin().number, world.begin().number
    world.study.report(leader, 4, 0.8)

    assert world.oracle().verdict(challenger, 4, 0.5, seconds=1) == "pruned"


@pytest.mark.parametrize("has_ended", [True, False])
def test_an_heir_goes_on_past_worse_looks_for_as_long_as_its_parent_took(
    make_world: MakeWorld, has_ended: bool
) -> None:
    world = make_world(budget=ENDS_BY_TIME, plan=RungPlan((4, 12, 36, 108), 2, 8, between=(20,)))
    parent = world.begin().number
    world.study.report(parent, 12, 0.8)
    if has_ended:
        world.study.end_trial(parent, "complete", seconds={"total": 50})
    else:
        world.study.note(parent, before={"total": 50})
    heir = world.begin(parent=parent).number
    oracle = world.oracle()

    assert oracle.verdict(heir, 20, 0.7, seconds=49) == "goes on"
    assert oracle.verdict(heir, 36, 0.7, seconds=50) == "pruned"
