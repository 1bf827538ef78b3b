"""The best trials go on, and no others take the time that the best could use."""

from __future__ import annotations

from collections.abc import Mapping

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


WIDTHS = "architecture: {stages: {count: 1, width: {min: 1, max: 40}}}\n"
# Looks between rungs are compared with none but the line of the best trial.
LONG_PLAN = RungPlan((4, 12, 36, 108, 324, 972), 2, 8, between=(60, 130, 160, 200, 260, 900))


def make_world_of_lines(make_world: MakeWorld, objectives: str = "val_accuracy: max") -> World:
    """Return a world whose best trial, 2, is an heir of trial 0; trial 1 is another network.

    The heir was scored last, and best, after 260 steps; trial 0 after 108. A loss is 1 less these.
    """
    text = f"{WIDTHS}objectives: {{{objectives}}}\n"
    world = make_world(text, budget=ENDS_BY_TIME, plan=LONG_PLAN)
    narrow = {"architecture.stages.width": 3}
    first = world.begin(narrow).number
    report(world, first, {4: 0.3, 12: 0.4, 36: 0.5, 108: 0.6})
    world.study.end_trial(first, "complete", seconds={"total": 50, "image": 1e-3})
    world.begin({"architecture.stages.width": 4})
    heir = world.begin(narrow, parent=first).number
    report(world, heir, {160: 0.62, 200: 0.63, 260: 0.9})
    return world


def report(world: World, number: int, looks: Mapping[int, float]) -> None:
    for step, value in looks.items():
        world.study.report(number, step, value if world.study.maximize else 1 - value)


@pytest.mark.parametrize("objectives", ["val_accuracy: max", "val_loss: min"])
@pytest.mark.parametrize(
    ("step", "value", "verdict"),
    [
        (60, 0.1, "goes on"),
        (130, 0.65, "goes on"),
        (130, 0.6, "pruned"),
        (200, 0.65, "goes on"),
        (200, 0.62, "pruned"),
    ],
    ids=["not as far", "ahead", "not ahead", "ahead of the heir", "not ahead of the heir"],
)
def test_a_stranger_as_far_as_the_first_of_the_bests_line_goes_on_only_if_it_is_ahead_of_the_line(
    make_world: MakeWorld, objectives: str, step: int, value: float, verdict: str
) -> None:
    world = make_world_of_lines(make_world, objectives)
    report(world, 1, {4: 0.4, 12: 0.5, 36: 0.55})
    score = value if world.study.maximize else 1 - value

    assert world.oracle().verdict(1, step, score, seconds=500) == verdict


def test_a_stranger_need_not_be_ahead_before_a_third_of_the_bests_steps(
    make_world: MakeWorld,
) -> None:
    world = make_world_of_lines(make_world)
    report(world, 2, {900: 0.95})
    report(world, 1, {4: 0.4, 12: 0.5, 36: 0.55})

    assert world.oracle().verdict(1, 260, 0.5, seconds=500) == "goes on"


def test_a_stranger_that_gets_no_better_ends_though_it_is_ahead(make_world: MakeWorld) -> None:
    world = make_world_of_lines(make_world)
    report(world, 1, {4: 0.4, 12: 0.5, 36: 0.55})
    oracle = world.oracle()
    looks = ((130, 0.7), (160, 0.69), (200, 0.69))

    verdicts = [oracle.verdict(1, step, value, seconds=500) for step, value in looks]

    assert verdicts == ["goes on", "goes on", "pruned"]


def test_a_stranger_that_is_ahead_still_needs_the_time_to_come_as_far_as_the_best(
    make_world: MakeWorld,
) -> None:
    world = make_world_of_lines(make_world)
    report(world, 1, {4: 0.4, 12: 0.5, 36: 0.55})
    oracle = world.oracle()
    world.clock.now = oracle.ending.budget.search_until_s - 1.0  # 130 steps of 8 images take 1.3 s

    assert oracle.verdict(1, 130, 0.7, seconds=500) == "pruned"


def test_with_several_objectives_a_stranger_goes_as_far_as_the_best_though_it_is_not_ahead(
    make_world: MakeWorld,
) -> None:
    world = make_world_of_lines(make_world, "val_accuracy: max, macs: min")
    report(world, 1, {4: 0.4, 12: 0.5, 36: 0.55})
    oracle = world.oracle()

    assert oracle.verdict(1, 130, 0.1, seconds=500) == "goes on"
    assert oracle.verdict(1, 260, 0.1, seconds=500) == "pruned"


@pytest.mark.parametrize(("width", "verdict"), [(4, "goes on"), (40, "pruned")])
def test_a_costlier_stranger_has_to_be_ahead_after_fewer_steps(
    make_world: MakeWorld, width: int, verdict: str
) -> None:
    world = make_world_of_lines(make_world)
    own = world.begin({"architecture.stages.width": width}).number
    report(world, own, {4: 0.4, 12: 0.5, 36: 0.55})

    assert world.oracle().verdict(own, 60, 0.5, seconds=500) == verdict


def promising(world: World) -> list[int]:
    best = world.study.best()
    assert best is not None
    found = world.oracle().race.promising_strangers(best, world.study.trials())
    return [trial.number for trial in found]


def test_strangers_are_promising_that_did_better_than_the_first_of_the_bests_line(
    make_world: MakeWorld,
) -> None:
    world = make_world_of_lines(make_world)
    strangers = [world.begin().number for _ in range(4)]
    for number, value in zip(strangers, (0.61, 0.7, 0.6, 0.65), strict=True):
        report(world, number, {108: value})
    first, best, worse, running = strangers
    for number in (first, best, worse):
        world.study.end_trial(number, "pruned", seconds={})

    assert promising(world) == [best, first]
    world.study.end_trial(running, "pruned", seconds={})
    assert promising(world) == [best, running, first]
    world.begin(parent=best)
    assert promising(world) == [running, first]


def test_a_stranger_is_not_promising_before_it_is_far(make_world: MakeWorld) -> None:
    world = make_world_of_lines(make_world)
    report(world, 1, {36: 0.59})
    world.study.end_trial(1, "pruned", seconds={})

    assert promising(world) == []


def test_an_heir_is_no_promising_stranger(make_world: MakeWorld) -> None:
    world = make_world_of_lines(make_world)
    heir = world.begin(parent=0).number
    report(world, heir, {108: 0.7})
    world.study.end_trial(heir, "pruned", seconds={})

    assert promising(world) == []


def test_where_the_best_trial_is_no_heir_no_stranger_is_promising(make_world: MakeWorld) -> None:
    world = make_world(WIDTHS, budget=ENDS_BY_TIME, plan=LONG_PLAN)
    best, other = world.begin().number, world.begin().number
    report(world, other, {108: 0.6})
    report(world, best, {108: 0.5, 160: 0.7})
    world.study.end_trial(other, "pruned", seconds={})

    assert promising(world) == []


@pytest.mark.parametrize(("left_s", "ample"), [(8.6, False), (8.7, True)])
def test_time_is_ample_by_what_the_first_of_the_bests_line_took(
    make_world: MakeWorld, left_s: float, ample: bool
) -> None:
    world = make_world_of_lines(make_world)  # 108 steps of 8 images of 1 ms
    best = world.study.best()
    world.clock.now = world.budget.search_until_s - left_s
    oracle = world.oracle()
    oracle.ending.budget = world.budget

    assert best is not None
    assert oracle.race.has_ample_time(best) is ample


@pytest.mark.parametrize(("left_s", "ample"), [(8.6, False), (8.7, True)])
def test_a_best_trial_that_has_just_begun_is_taken_to_be_at_its_best_once_it_is_far(
    make_world: MakeWorld, left_s: float, ample: bool
) -> None:
    world = make_world(WIDTHS, budget=ENDS_BY_TIME, plan=LONG_PLAN)
    best = world.begin()
    report(world, best.number, {4: 0.5})
    best = world.study.end_trial(best.number, "pruned", seconds={"image": 1e-3})
    world.clock.now = world.budget.search_until_s - left_s
    oracle = world.oracle()
    oracle.ending.budget = world.budget

    assert oracle.race.has_ample_time(best) is ample


def test_where_small_networks_are_sought_too_the_largest_does_not_come_first(
    make_world: MakeWorld,
) -> None:
    text = WIDTHS + "objectives: {val_accuracy: max, macs: min}\n"
    world = make_world(text, budget=ENDS_BY_TIME, plan=LONG_PLAN)
    best = world.begin()
    world.study.report(best.number, 4, 0.5)
    best = world.study.end_trial(best.number, "pruned", seconds={"image": 1e-6})

    assert not world.oracle().race.has_ample_time(best)
