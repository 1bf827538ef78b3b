"""A challenger begins where it can still win, with the weights of the best in its turn."""

from __future__ import annotations

from typing import Any

import pytest
from tests.tuning.worker.conftest import ENDS_BY_TIME, MakeWorld, World, run_out, work

from cnnsearch.tuning.budget import Budget
from cnnsearch.tuning.needs import Costs
from cnnsearch.tuning.proposals import Proposal, Proposals
from cnnsearch.tuning.rungs import RungPlan
from cnnsearch.tuning.step_cost import MACS_PER_BYTE, USUAL
from cnnsearch.tuning.worker.checkpoint import BEST


def make_world_of_crops(make_world: MakeWorld, width: str) -> World:
    """Return a world of five rungs in which heirs differ by how images are cropped."""
    return make_world(
        f"architecture: {{stages: {{count: 1, width: {width}}}}}\n"
        "data: {augmentation: {crop: {values: [0, 0.125, 0.25]}}}\n",
        budget=ENDS_BY_TIME,
        plan=RungPlan((4, 12, 36, 108, 324), 2, 8),
    )


def keep_best_weights(world: World, number: int) -> None:
    best = world.folder.trial(number) / BEST
    best.parent.mkdir(parents=True)
    best.write_bytes(b"state")


def test_a_candidate_that_cannot_be_looked_at_in_time_is_not_begun(make_world: MakeWorld) -> None:
    world = make_world(budget=Budget(100.0, None, 0.25))
    record = world.begin({"architecture.stages.width": 13, "training.learning_rate": 1e-2})
    one_look_s = 50.0  # of this trial; smaller ones take less
    image_s = one_look_s / (8 * world.plan.first)
    world.study.end_trial(record.number, "pruned", seconds={"image": image_s})
    world.clock.now = 75 - one_look_s / 2

    begun = run_out(world.oracle())

    trials = world.study.trials()
    assert len(begun) == 20
    most = work(record).amount(MACS_PER_BYTE[USUAL]) / 2
    assert all(work(trials[int(number)]).amount(MACS_PER_BYTE[USUAL]) <= most for number in begun)
    assert world.channel.told("infeasible") == []


def test_no_challenger_begins_that_could_not_come_as_far_as_the_best(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=ENDS_BY_TIME)
    world.paused_trial(0.8, step=12, seconds=60)  # 12 steps take 96 ms: 0.192 s must be left
    world.clock.now = world.budget.search_until_s - 0.1

    trial = world.oracle().create_trial("tuner")

    assert trial.trial_id == "0"


def test_once_the_best_trial_is_far_every_second_challenger_begins_with_its_weights(
    make_world: MakeWorld,
) -> None:
    world = make_world_of_crops(make_world, "{min: 1, max: 20}")
    leader = world.begin().number
    for step in (4, 12, 36, 108):
        world.study.report(leader, step, 0.5 + step / 1_000)
    world.study.note(leader, batch_size=4)
    world.study.pause(leader, seconds={"total": 1_000, "image": 1e-6})
    oracle = world.oracle()

    run_out(oracle, most=1)
    keep_best_weights(world, leader)
    run_out(oracle, most=2)

    stranger, heir, other = world.study.trials()[1:4]
    assert (stranger.parent, other.parent) == (None, None)
    assert (heir.parent, heir.batch_size) == (leader, 4)
    settings = dict(world.study.trials()[leader].settings)
    assert heir.settings == {**settings, "data.augmentation.crop": 0.125}


def test_a_promising_stranger_has_an_heir_under_the_best_ones_regularisation(
    make_world: MakeWorld,
) -> None:
    world = make_world_of_crops(make_world, "{min: 1, max: 20}")
    uncropped = {"data.augmentation.crop": 0.0}
    first = world.begin({"architecture.stages.width": 8, **uncropped}).number
    world.study.report(first, 108, 0.5)
    cropped = {"architecture.stages.width": 8, "data.augmentation.crop": 0.125}
    best = world.begin(cropped, parent=first).number
    world.study.report(best, 324, 0.8)
    stranger = world.begin({"architecture.stages.width": 9, **uncropped}).number
    world.study.report(stranger, 108, 0.6)
    for number in (first, best, stranger):
        world.study.end_trial(number, "pruned", seconds={"total": 10, "image": 1e-6})
        keep_best_weights(world, number)

    run_out(world.oracle(), most=1)

    heir = world.study.trials()[-1]
    assert heir.parent == stranger
    settings = dict(world.study.trials()[stranger].settings)
    assert heir.settings == {**settings, "data.augmentation.crop": 0.125}


def test_where_most_strangers_are_too_slow_an_heir_begins_instead_of_a_small_one(
    make_world: MakeWorld,
) -> None:
    widths = [1, *range(900, 1001)]
    world = make_world_of_crops(make_world, f"{{values: {widths}}}")
    uncropped = {"data.augmentation.crop": 0.0}
    best = world.begin({"architecture.stages.width": 1000, **uncropped}).number
    world.study.report(best, 108, 0.5)
    world.study.end_trial(best, "complete", seconds={"total": 1.0, "image": 0.1})
    keep_best_weights(world, best)
    other = world.begin({"architecture.stages.width": 999, **uncropped}, parent=best).number
    world.study.end_trial(other, "pruned", seconds={"total": 1.0})  # a stranger's turn
    oracle = world.oracle()
    world.clock.now = oracle.ending.budget.search_until_s - 100  # 108 steps of 8 images: 86.4 s

    run_out(oracle, most=1)

    assert world.study.trials()[-1].parent == best


def test_before_the_best_trial_is_far_a_small_stranger_begins_rather_than_an_heir(
    make_world: MakeWorld,
) -> None:
    widths = [1, *range(900, 1001)]
    world = make_world_of_crops(make_world, f"{{values: {widths}}}")
    best = world.begin({"architecture.stages.width": 1000, "data.augmentation.crop": 0.0}).number
    world.study.report(best, 36, 0.5)
    world.study.end_trial(best, "complete", seconds={"total": 1.0, "image": 0.1})
    keep_best_weights(world, best)
    oracle = world.oracle()
    world.clock.now = oracle.ending.budget.search_until_s - 30  # 36 steps of 8 images: 28.8 s

    run_out(oracle, most=1)

    begun = world.study.trials()[-1]
    assert (begun.parent, begun.settings["architecture.stages.width"]) == (None, 1)


def test_where_neither_strangers_nor_heirs_are_left_the_space_is_gone_through_once(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world("architecture: {stages: {count: 1, width: 4}}\n", budget=ENDS_BY_TIME)
    world.paused_trial(0.5, seconds=1_000)
    oracle = world.oracle()
    sought = []
    following = Proposals.next

    def count(*args: Any, **limits: Any) -> Proposal | None:
        sought.append(limits)
        return following(*args, **limits)

    monkeypatch.setattr(Proposals, "next", count)

    assert oracle.create_trial("tuner").trial_id == "0"
    assert len(sought) == 1


def test_where_there_is_ample_time_the_largest_of_a_few_networks_begins(
    make_world: MakeWorld,
) -> None:
    macs = []
    for image_s in (1e-6, 1.0):
        world = make_world("architecture: {stages: {count: 1, width: {min: 1, max: 20}}}\n")
        world.budget = ENDS_BY_TIME
        best = world.begin({"architecture.stages.width": 10}).number
        world.study.report(best, 4, 0.5)
        world.study.end_trial(best, "pruned", seconds={"total": 1.0, "image": image_s})

        run_out(world.oracle(), most=1)

        macs.append(world.study.trials()[-1].macs)
    assert macs[0] > macs[1]


@pytest.mark.parametrize(("left_s", "parents"), [(21.9, []), (22.1, [0])])
def test_an_heir_begins_only_where_it_can_go_on_for_a_tenth_of_what_its_parent_did(
    make_world: MakeWorld, left_s: float, parents: list[int | None]
) -> None:
    world = make_world_of_crops(make_world, "4")
    leader = world.begin().number
    world.oracle().verdict(leader, 108, 0.5, 0.0, Costs(build_s=20.0, step_s=5.0, evaluate_s=1.0))
    image_s = 2.0 / (8 * 11)
    world.study.end_trial(leader, "complete", seconds={"total": 1.0, "image": image_s})
    keep_best_weights(world, leader)
    oracle = world.oracle()
    world.clock.now = oracle.ending.budget.search_until_s - left_s

    run_out(oracle, most=1)

    assert [trial.parent for trial in world.study.trials()[1:]] == parents


def test_a_challenger_need_only_come_as_far_as_the_best_look(make_world: MakeWorld) -> None:
    world = make_world(budget=ENDS_BY_TIME)
    leader = world.begin().number
    world.study.report(leader, 4, 0.8)
    world.study.report(leader, 12, 0.7)
    world.study.pause(leader, seconds={"total": 60, "image": 1.0})
    world.clock.now = world.budget.search_until_s - 70  # 12 steps of 8 images take 96 s, 4 take 32

    assert world.oracle().create_trial("tuner").trial_id == "1"
