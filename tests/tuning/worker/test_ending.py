"""Each end of a search has its reason, which outlives the worker that saw it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.tuning.worker.conftest import SMALL, MakeWorld, World

from cnnsearch.records.study import open_study
from cnnsearch.tuning.budget import Budget
from cnnsearch.tuning.needs import MARGIN, Costs
from cnnsearch.tuning.rungs import RungPlan
from cnnsearch.tuning.worker.checkpoint import LATEST
from cnnsearch.tuning.worker.ending import READ_EVERY_S, learned_budget
from cnnsearch.tuning.worker.oracle import StudyOracle

Pretend = Callable[..., list[int]]
LOSS = SMALL + "    objectives: {val_loss: min}\n"


def budget(**limits: Any) -> Budget:
    return Budget(**{"time_s": None, "trials": None, "reserve": 0.0, **limits})


def look(world: World, value: float, oracle: StudyOracle | None = None, step: int = 4) -> str:
    """Score a new trial at a rung, and return the verdict."""
    return (oracle or world.oracle()).verdict(world.begin().number, step, value)


def ended(world: World) -> dict[str, Any]:
    """Return how the search ended, as another process reads it."""
    found: dict[str, Any] = open_study(world.folder.journal).facts()["search_ended"]
    return found


def test_a_score_that_reaches_the_target_ends_the_search(make_world: MakeWorld) -> None:
    world = make_world(budget=budget(target=0.9))
    world.clock.now = 12.5

    assert look(world, 0.9) == "stopped"

    words = "trial 0 reached val_accuracy 0.9000; 0.9 was asked for"
    assert ended(world) == {"reason": "target", "message": words, "elapsed_s": 12.5}
    assert world.channel.told("search_ended") == [
        {"event": "search_ended", "reason": "target", "message": words}
    ]


def test_a_score_below_the_target_does_not(make_world: MakeWorld) -> None:
    world = make_world(budget=budget(target=0.9))

    assert look(world, 0.8999) == "goes on"
    assert "search_ended" not in world.study.facts()


@pytest.mark.parametrize(("loss", "verdict"), [(0.31, "goes on"), (0.3, "stopped")])
def test_the_target_of_a_loss_is_its_most(make_world: MakeWorld, loss: float, verdict: str) -> None:
    world = make_world(LOSS, budget=budget(target=0.3))

    assert look(world, loss) == verdict


def test_a_trial_that_reaches_the_target_at_the_top_is_complete(make_world: MakeWorld) -> None:
    world = make_world(budget=budget(target=0.9))

    assert look(world, 0.95, step=12) == "complete"
    assert ended(world)["reason"] == "target"


def test_the_trial_that_reached_the_target_can_be_finished_from_there(
    make_world: MakeWorld, pretend_training: Pretend
) -> None:
    world = make_world(budget=budget(target=0.9))
    pretend_training([0.95])

    outcome = world.trial_training(world.begin()).run()

    assert (outcome.state, outcome.message) == ("stopped", ended(world)["message"])
    assert (world.folder.trial(0) / LATEST).exists()


def test_no_trial_begins_once_the_target_is_reached_nor_does_another_worker_begin_one(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=budget(target=0.9))
    look(world, 0.95)
    world.study.end_trial(0, "stopped", seconds={})

    assert world.oracle().create_trial("tuner").status == "STOPPED"
    assert len(world.channel.told("search_ended")) == 1


def test_a_trial_of_another_worker_stops_at_its_next_look(make_world: MakeWorld) -> None:
    world = make_world(budget=budget(target=0.9))
    other = world.oracle()

    look(world, 0.95)

    assert look(world, 0.2, other) == "stopped"


def test_a_trial_left_in_flight_by_the_end_of_the_search_is_closed_untrained(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=budget(target=0.9))
    look(world, 0.95)  # and then the worker died

    assert world.oracle().create_trial("tuner").status == "STOPPED"
    assert world.study.trials()[0].state == "stopped"


def test_a_search_without_a_better_score_for_its_patience_ends(make_world: MakeWorld) -> None:
    world = make_world(budget=budget(patience_s=60.0))
    oracle = world.oracle()
    world.clock.now = 10.0
    look(world, 0.5, oracle)
    world.clock.now = 40.0
    look(world, 0.5, oracle)  # no better

    world.clock.now = 69.9
    assert oracle.ending.at_once() is None
    world.clock.now = 70.0

    assert oracle.ending.at_once() == "no trial was better than trial 0 for 1m"
    assert (ended(world)["reason"], ended(world)["elapsed_s"]) == ("patience", 70.0)


def test_a_better_score_renews_the_patience_of_other_workers_too(make_world: MakeWorld) -> None:
    world = make_world(budget=budget(patience_s=60.0))
    look(world, 0.5)
    world.clock.now = 59.0
    look(world, 0.6)
    world.clock.now = 118.0

    assert world.oracle().ending.at_once() is None


def test_patience_begins_with_the_first_score(make_world: MakeWorld) -> None:
    world = make_world(budget=budget(patience_s=60.0))
    world.clock.now = 1_000.0

    assert world.oracle().ending.at_once() is None


def test_a_search_that_has_made_its_trials_lets_those_in_training_go_on(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=budget(trials=1))
    oracle = world.oracle()
    world.begin()

    assert oracle.ending.before_a_trial(1)
    assert oracle.ending.at_once() is None
    assert (ended(world)["reason"], ended(world)["message"]) == (
        "trials",
        "1 trial was made, as many as were asked for",
    )


def test_the_time_ends_what_is_in_training_when_all_trials_are_made(make_world: MakeWorld) -> None:
    world = make_world(budget=budget(time_s=100.0, trials=1))
    oracle = world.oracle()
    world.begin()
    oracle.ending.before_a_trial(1)
    world.clock.now = 100.0

    assert oracle.ending.at_once() == "the time to search was over"
    assert ended(world)["reason"] == "trials"


def test_the_end_of_the_time_is_a_reason(make_world: MakeWorld) -> None:
    world = make_world(budget=budget(time_s=100.0, reserve=0.25))
    world.clock.now = 75.0

    assert world.oracle().ending.at_once() == "the time to search was over"
    assert ended(world)["reason"] == "time"


def test_how_the_search_ended_holds_when_the_limits_would_allow_more(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=budget(target=0.9))
    look(world, 0.95)

    world.budget = budget(target=0.99)

    assert world.oracle().ending.before_a_trial(1)  # until `resume --target` takes the end back
    world.study.note_study(search_ended=None)
    assert not world.oracle().ending.before_a_trial(1)


def test_a_space_that_is_used_up_says_so(make_world: MakeWorld) -> None:
    world = make_world("architecture: {stages: {count: 1, width: {values: [2, 4]}}}\n")
    oracle = world.oracle()
    for number in range(2):
        oracle.create_trial("tuner")
        world.study.end_trial(number, "pruned", seconds={})

    assert oracle.create_trial("tuner").status == "STOPPED"
    assert ended(world)["reason"] == "space"
    assert ended(world)["message"] == ("all candidates within the limits were tried, 2 in number")


def test_the_reserve_is_learned_from_the_best_trial_and_told(make_world: MakeWorld) -> None:
    world = make_world(budget=budget(time_s=1_000.0, reserve=0.2))
    oracle = world.oracle()
    usual_s = oracle.ending.budget.search_until_s

    oracle.verdict(world.begin().number, 4, 0.5, 0.0, Costs(40.0, 1e3, 10.0))

    assert oracle.ending.budget.search_until_s < usual_s - 100
    told = [event["reserve_s"] for event in world.channel.told("reserve")]
    assert told == [pytest.approx(1_000 - oracle.ending.budget.search_until_s)]


def test_the_reserve_grows_with_the_training_that_is_to_be_annealed(make_world: MakeWorld) -> None:
    plan = RungPlan((4, 40_000), 2, 8, between=(20_000,))
    world = make_world(budget=budget(time_s=1_000.0, reserve=0.2), plan=plan)
    oracle, number = world.oracle(), world.begin().number
    costs = Costs(build_s=1.0, step_s=0.01, evaluate_s=1.0)

    oracle.verdict(number, 4, 0.5, 0.0, costs)
    first_s = oracle.ending.budget.reserve_s
    oracle.verdict(number, 20_000, 0.6, 0.0, costs)

    of_600_steps, of_a_tenth = MARGIN * 600 * 0.01, MARGIN * 2_000 * 0.01
    assert oracle.ending.budget.reserve_s - first_s == pytest.approx(of_a_tenth - of_600_steps)


@pytest.mark.parametrize(("open_ended", "is_annealed"), [(True, False), (False, True)])
def test_a_winner_trained_longer_than_is_usual_is_annealed_only_where_the_space_says_how_long(
    make_world: MakeWorld, open_ended: bool, is_annealed: bool
) -> None:
    plan = RungPlan((4, 40_000), 2, 8, between=(20_000,), open_ended=open_ended)
    world = make_world(budget=budget(time_s=1_000.0, reserve=0.2), plan=plan)
    oracle, number = world.oracle(), world.begin().number

    oracle.verdict(number, 20_000, 0.6, 0.0, Costs(build_s=1.0, step_s=0.01, evaluate_s=1.0))

    needs = oracle.ending.budget.needs
    assert (needs.longest_s > 0) is is_annealed
    assert oracle.ending.budget.reserve_s >= needs.before_s + needs.after_s


def test_every_worker_and_the_finish_keep_the_same_reserve(make_world: MakeWorld) -> None:
    world = make_world(budget=budget(time_s=1_000.0, reserve=0.2))
    oracle = world.oracle()
    oracle.verdict(world.begin().number, 4, 0.5, 0.0, Costs(40.0, 1e3, 10.0))

    assert world.oracle().ending.budget == oracle.ending.budget == learned_budget(world.run)


def test_a_worker_goes_on_where_another_has_found_out_that_the_end_needs_less_time(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=budget(time_s=1_000.0, reserve=0.2))
    other, mine = world.oracle_of(1), world.oracle()
    number = world.begin().number
    mine.verdict(number, 4, 0.5, 0.0, Costs(build_s=40.0, step_s=1e3, evaluate_s=10.0))
    world.clock.now = mine.ending.budget.search_until_s
    other.verdict(number, 6, 0.6, 0.0, Costs(build_s=1.0, step_s=1e-3, evaluate_s=1.0))

    assert mine.ending.at_once() is None
    assert mine.ending.budget.search_until_s > world.clock.now
    assert "search_ended" not in world.study.facts()


@pytest.mark.parametrize(("later_s", "stops"), [(READ_EVERY_S / 2, False), (READ_EVERY_S, True)])
def test_a_trial_in_training_hears_within_seconds_that_another_worker_has_ended_the_search(
    make_world: MakeWorld, later_s: float, stops: bool
) -> None:
    world = make_world(budget=budget(time_s=1_000.0, reserve=0.2))
    mine, other = world.oracle(), world.oracle_of(1)
    other.ending.note("target", "it is reached")
    world.clock.now = later_s

    assert (mine.ending.at_once() == "it is reached") is stops


def test_of_equals_the_one_to_be_finished_says_whether_it_is_annealed(
    make_world: MakeWorld,
) -> None:
    plan = RungPlan((4, 40_000), 2, 8, between=(20_000,), open_ended=True)
    world = make_world(budget=budget(time_s=1_000.0, reserve=0.2), plan=plan)
    oracle, costs = world.oracle(), Costs(build_s=1.0, step_s=0.01, evaluate_s=1.0)
    large = world.begin({"architecture.stages.width": 13, "training.learning_rate": 1e-2}).number
    small = world.begin({"architecture.stages.width": 2, "training.learning_rate": 1e-2}).number

    oracle.verdict(large, 20_000, 0.6, 0.0, costs)
    assert not learned_budget(world.run).needs.anneals
    oracle.verdict(small, 4, 0.6, 0.0, costs)

    best = world.study.best()
    assert best is not None
    assert best.number == small
    assert learned_budget(world.run).needs.anneals


def test_what_a_trial_costs_is_not_forgotten_where_a_look_cannot_tell(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=budget(time_s=1_000.0, reserve=0.2))
    oracle, number = world.oracle(), world.begin().number

    oracle.verdict(number, 4, 0.5, 0.0, Costs(build_s=7.0, step_s=0.01, evaluate_s=1.0))
    oracle.verdict(number, 6, 0.6, 0.0, None)

    best = world.study.facts()["best"]
    assert (best["value"], best["costs"]["build_s"]) == (0.6, 7.0)


def test_a_worse_trial_teaches_nothing_about_the_reserve(make_world: MakeWorld) -> None:
    world = make_world(budget=budget(time_s=1_000.0, reserve=0.2))
    oracle = world.oracle()
    look(world, 0.5, oracle)
    before = oracle.ending.budget

    oracle.verdict(world.begin().number, 4, 0.4, 0.0, Costs(40.0, 1e3, 10.0))

    assert oracle.ending.budget == before


def test_a_search_leaves_the_time_that_its_best_network_needs(make_world: MakeWorld) -> None:
    world = make_world(budget=budget(time_s=1_000.0, reserve=0.2))
    oracle = world.oracle()
    world.clock.now = 700.0

    assert oracle.verdict(world.begin().number, 4, 0.5, 0.0, Costs(60.0, 1e3, 10.0)) == "stopped"
    assert ended(world)["reason"] == "time"
