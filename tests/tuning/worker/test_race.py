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


WIDTHS = "architecture: {stages: {count: 1, width: {min: 1, max: 40}}}\n"
LONG_PLAN = RungPlan((4, 12, 36, 108, 324), 2, 8, between=(160, 200, 260))


def make_world_of_lines(make_world: MakeWorld) -> World:
    """Return a world whose best trial, 2, is an heir of trial 0; trial 1 is another network."""
    world = make_world(WIDTHS, budget=ENDS_BY_TIME, plan=LONG_PLAN)
    narrow = {"architecture.stages.width": 3}
    first = world.begin(narrow).number
    for step, value in ((4, 0.3), (12, 0.4), (36, 0.5), (108, 0.6)):
        world.study.report(first, step, value)
    world.study.end_trial(first, "complete", seconds={"total": 50, "image": 1e-3})
    world.begin({"architecture.stages.width": 4})
    heir = world.begin(narrow, parent=first).number
    for step, value in ((160, 0.7), (200, 0.8)):
        world.study.report(heir, step, value)
    return world


@pytest.mark.parametrize(
    ("value", "verdict"), [(0.65, "goes on"), (0.6, "pruned")], ids=["ahead", "not ahead"]
)
def test_a_stranger_as_far_as_the_first_of_the_bests_line_goes_on_only_if_it_was_better_there(
    make_world: MakeWorld, value: float, verdict: str
) -> None:
    world = make_world_of_lines(make_world)
    oracle = world.oracle()
    for step, before in ((4, 0.4), (12, 0.5), (36, 0.6)):
        world.study.report(1, step, before)

    assert oracle.verdict(1, 108, value, seconds=500) == verdict


def test_a_stranger_that_gets_no_better_ends_though_it_was_ahead(make_world: MakeWorld) -> None:
    world = make_world_of_lines(make_world)
    oracle = world.oracle()
    looks = ((4, 0.4), (12, 0.5), (36, 0.6), (108, 0.75), (160, 0.74), (200, 0.74))

    verdicts = [oracle.verdict(1, step, value, seconds=500) for step, value in looks]

    assert verdicts == ["goes on"] * 5 + ["pruned"]


def test_a_costlier_stranger_has_to_be_ahead_after_fewer_steps(
    make_world: MakeWorld,
) -> None:
    world = make_world_of_lines(make_world)
    oracle = world.oracle()
    own = world.begin({"architecture.stages.width": 40})
    first_s, own_s = (
        oracle.race.cost.predict_s(work(record), images=1)
        for record in (world.study.trials()[0], own)
    )
    for step, value in ((4, 0.4), (12, 0.5)):
        world.study.report(own.number, step, value)

    assert first_s
    assert own_s
    assert own_s > 9 * first_s  # so a third of the 108 steps are enough
    assert oracle.verdict(own.number, 36, 0.5, seconds=500) == "pruned"


def test_a_stranger_is_promising_that_did_better_than_the_first_of_the_bests_line(
    make_world: MakeWorld,
) -> None:
    world = make_world_of_lines(make_world)
    oracle = world.oracle()

    def promising() -> int | None:
        best = world.study.best()
        assert best is not None
        found = oracle.race.promising_stranger(best, world.study.trials())
        return None if found is None else found.number

    assert promising() is None
    world.study.report(1, 36, 0.55)
    assert promising() is None  # not far yet
    world.study.report(1, 108, 0.61)
    assert promising() == 1
    world.begin(parent=1)
    assert promising() is None


def test_where_the_best_trial_is_no_heir_no_stranger_is_promising(make_world: MakeWorld) -> None:
    world = make_world(WIDTHS, budget=ENDS_BY_TIME, plan=LONG_PLAN)
    best, other = world.begin(), world.begin()
    world.study.report(other.number, 108, 0.6)
    world.study.report(best.number, 108, 0.5)
    world.study.report(best.number, 160, 0.7)
    trials = world.study.trials()

    assert world.oracle().race.promising_stranger(trials[best.number], trials) is None


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


def test_where_small_networks_are_sought_too_the_largest_does_not_come_first(
    make_world: MakeWorld,
) -> None:
    text = WIDTHS + "objectives: {val_accuracy: max, macs: min}\n"
    world = make_world(text, budget=ENDS_BY_TIME, plan=LONG_PLAN)
    best = world.begin()
    world.study.report(best.number, 4, 0.5)
    best = world.study.end_trial(best.number, "pruned", seconds={"image": 1e-6})

    assert not world.oracle().race.has_ample_time(best)
