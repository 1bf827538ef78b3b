"""The oracle answers every question from the study, so that a new worker goes on where one died."""

from __future__ import annotations

import pytest
from tests.tuning.worker.conftest import ENDS_BY_TIME, MakeWorld, World, run_out

from cnnsearch.errors import AllTrialsFailedError, NothingFeasibleError
from cnnsearch.records.claims import held
from cnnsearch.records.study import open_study
from cnnsearch.records.trial import Failure, State
from cnnsearch.tuning.budget import Budget
from cnnsearch.tuning.needs import Costs
from cnnsearch.tuning.worker.hopeless import HOPELESS_AFTER, MOST_OVER_LIMIT
from cnnsearch.tuning.worker.interrupted import Interrupted
from cnnsearch.tuning.worker.outcome import Outcome


def fail(world: World, count: int, state: Failure, message: str | None = None) -> None:
    for _ in range(count):
        world.study.end_trial(world.begin().number, state, seconds={}, message=message)


def test_a_new_trial_is_in_the_study_before_it_is_trained(world: World) -> None:
    trial = world.oracle().create_trial("tuner")

    (record,) = open_study(world.folder.journal).trials()
    assert trial.trial_id == "0"
    assert (record.state, record.attempts) == ("running", 1)
    assert trial.hyperparameters.values == record.settings
    architecture = world.hypermodel.architecture(world.hypermodel.candidate(record.settings))
    assert (record.parameters, record.macs) == (architecture.parameters, architecture.macs)


def test_workers_side_by_side_train_different_candidates_and_no_more_than_asked_for(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=Budget(None, 6, 0.0))
    oracles = [world.oracle_of(worker) for worker in range(3)]
    claims = [held(world.folder.worker_lock(worker)) for worker in range(3)]
    with claims[0], claims[1], claims[2]:
        numbers = [oracles[turn % 3].create_trial("tuner").trial_id for turn in (0, 1, 2)]
        for turn in range(3):
            oracles[turn].conclude(numbers[turn], Outcome("pruned"))
            oracles[turn].end_trial(oracles[turn].trials[numbers[turn]])
        numbers += [oracles[turn].create_trial("tuner").trial_id for turn in (2, 0, 1)]
        for turn, number in zip((2, 0, 1), numbers[3:], strict=True):
            oracles[turn].conclude(number, Outcome("pruned"))
            oracles[turn].end_trial(oracles[turn].trials[number])

        assert [oracle.create_trial("tuner").status for oracle in oracles] == ["STOPPED"] * 3

    assert sorted(numbers) == ["0", "1", "2", "3", "4", "5"]
    trials = world.study.trials()
    assert len({tuple(sorted(trial.settings.items())) for trial in trials}) == 6


def test_as_many_trials_are_run_as_the_budget_says(make_world: MakeWorld) -> None:
    world = make_world(budget=Budget(None, 3, 0.0))

    assert run_out(world.oracle()) == ["0", "1", "2"]
    assert run_out(world.oracle()) == []  # nor does a new worker begin more


def test_no_trial_begins_after_the_search_has_used_its_time(make_world: MakeWorld) -> None:
    world = make_world(budget=Budget(100.0, None, 0.25))
    oracle = world.oracle()
    world.study.end_trial(world.begin().number, "pruned", seconds={})
    world.clock.now = 74.9
    assert oracle.create_trial("tuner").status == "RUNNING"
    world.study.end_trial(1, "pruned", seconds={})
    world.clock.now = 75.0

    assert oracle.ending.at_once() == "the time to search was over"
    assert oracle.create_trial("tuner").status == "STOPPED"


def test_one_trial_is_run_however_little_time_there_is(make_world: MakeWorld) -> None:
    world = make_world(budget=Budget(10.0, None, 0.25))
    world.clock.now = 11.0

    assert run_out(world.oracle()) == ["0"]


def test_a_space_that_is_used_up_ends_the_search(make_world: MakeWorld) -> None:
    world = make_world("architecture: {stages: {count: 1, width: {values: [2, 4]}}}\n")

    assert run_out(world.oracle()) == ["0", "1"]


def test_a_space_in_which_nothing_fits_ends_the_run(make_world: MakeWorld) -> None:
    world = make_world(
        "architecture: {stages: {count: 1, width: 4}}\nconstraints: {parameters: 10}\n"
    )

    with pytest.raises(NothingFeasibleError, match="parameters outside the limit"):
        world.oracle().create_trial("tuner")

    assert world.channel.told("infeasible")[-1]["count"] > 0


@pytest.mark.parametrize(
    ("state", "message", "advice"),
    [
        ("diverged", "the loss became nan", "lower `training.learning_rate`"),
        ("out_of_memory", None, "lower `training.batch_size`, or limit `macs` in `constraints`"),
        ("crashed", "its worker died 2 times", "see worker.log in the run folder"),
        ("timed_out", None, "raise `budget.trial_time`, or limit `macs` in `constraints`"),
        ("error", "ValueError: no", "see worker.log in the run folder"),
    ],
)
def test_when_the_first_ten_all_fail_alike_the_run_ends_with_advice(
    world: World, state: Failure, message: str | None, advice: str
) -> None:
    fail(world, HOPELESS_AFTER, state, message)

    with pytest.raises(AllTrialsFailedError) as caught:
        world.oracle().create_trial("tuner")

    assert str(caught.value) == (
        f"the first 10 trials all ended as {state.replace('_', ' ')} "
        f"({message or 'no message'}): {advice}"
    )
    assert caught.value.exit_code == 5
    assert len(world.study.trials()) == HOPELESS_AFTER


def test_nine_failures_are_not_yet_hopeless(world: World) -> None:
    fail(world, HOPELESS_AFTER - 1, "diverged")

    assert world.oracle().create_trial("tuner").trial_id == "9"


@pytest.mark.parametrize("other", ["error", "pruned"])
def test_one_other_end_among_the_first_ten_is_hope(world: World, other: Failure) -> None:
    fail(world, 4, "diverged")
    fail(world, 1, other)
    fail(world, 9, "diverged")

    assert world.oracle().create_trial("tuner").trial_id == "14"


def test_ten_good_trials_are_no_failure(world: World) -> None:
    for _ in range(HOPELESS_AFTER):
        world.study.end_trial(world.begin().number, "pruned", seconds={})

    assert world.oracle().create_trial("tuner").trial_id == "10"


def test_no_trial_begins_once_the_worker_was_asked_to_stop(world: World) -> None:
    world.channel.stop_when = lambda: True

    with pytest.raises(Interrupted):
        world.oracle().create_trial("tuner")

    assert world.study.trials() == []


def end(world: World, count: int, state: State) -> None:
    for _ in range(count):
        world.study.end_trial(world.begin().number, state, seconds={})


def test_what_was_over_a_measured_limit_takes_no_trial_of_the_budget(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=Budget(None, 2, 0.0))
    end(world, 3, "over_limit")
    end(world, 1, "pruned")

    assert run_out(world.oracle()) == ["4"]


def test_a_search_that_finds_nothing_within_measured_limits_ends(make_world: MakeWorld) -> None:
    world = make_world()
    end(world, 1, "pruned")
    end(world, MOST_OVER_LIMIT - 1, "over_limit")
    assert world.oracle().create_trial("tuner").status == "RUNNING"

    world.study.end_trial(MOST_OVER_LIMIT, "over_limit", seconds={})

    assert world.oracle().create_trial("tuner").status == "STOPPED"


def test_how_a_trial_ended_is_recorded_and_told(world: World) -> None:
    oracle = world.oracle()
    trial = oracle.create_trial("tuner")
    oracle.verdict(0, 4, 0.5)
    oracle.conclude("0", Outcome("diverged", {"total": 2.0}, "the loss became nan", step=7))

    oracle.end_trial(trial)

    (record,) = world.study.trials()
    assert (record.state, record.message, record.seconds) == (
        "diverged",
        "the loss became nan",
        {"total": 2.0},
    )
    assert world.channel.told("trial_ended") == [
        {
            "event": "trial_ended",
            "trial": 0,
            "state": "diverged",
            "value": 0.5,
            "step": 7,
            "seconds": 2.0,
            "message": "the loss became nan",
        }
    ]


def test_a_trial_that_ended_in_the_loop_itself_is_an_error_with_its_last_line(
    world: World,
) -> None:
    oracle = world.oracle()
    trial = oracle.create_trial("tuner")
    trial.message = "Traceback (most recent call last):\n  File x\nKeyError: 'width'\n"

    oracle.end_trial(trial)

    assert (world.study.trials()[0].state, world.study.trials()[0].message) == (
        "error",
        "KeyError: 'width'",
    )


def test_kerastuner_keeps_no_files_of_its_own(world: World) -> None:
    oracle = world.oracle()
    before = {path.name for path in world.folder.path.rglob("*")}
    run_out_once = oracle.create_trial("tuner")
    oracle.update_trial(run_out_once.trial_id, {"val_accuracy": 0.5})
    oracle.save()
    oracle.reload()
    oracle.conclude("0", Outcome("pruned"))
    oracle.end_trial(run_out_once)

    after = {path.name for path in world.folder.path.rglob("*")}
    assert after - {".proposing.lock"} == before


def test_while_the_best_trial_waits_a_challenger_is_begun(make_world: MakeWorld) -> None:
    world = make_world(budget=ENDS_BY_TIME)
    world.paused_trial(0.8, seconds=60)

    assert world.oracle().create_trial("tuner").trial_id == "1"


def test_the_best_trial_goes_on_when_its_challengers_have_had_their_half(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=ENDS_BY_TIME)
    world.paused_trial(0.8, seconds=60)
    world.study.end_trial(world.begin().number, "pruned", seconds={"total": 61})

    trial = world.oracle().create_trial("tuner")

    record = world.study.trials()[0]
    assert trial.trial_id == "0"
    assert (record.state, record.seconds["total"], record.attempts) == ("running", 60, 1)


def test_a_waiting_trial_that_was_overtaken_is_pruned(make_world: MakeWorld) -> None:
    world = make_world(budget=ENDS_BY_TIME)
    world.paused_trial(0.8, seconds=60)
    world.paused_trial(0.9, seconds=60)

    world.oracle().create_trial("tuner")

    assert [record.state for record in world.study.trials()] == ["pruned", "paused", "running"]
    assert [event["trial"] for event in world.channel.told("trial_ended")] == [0]


def test_when_the_search_ends_the_best_trial_waits_no_more(make_world: MakeWorld) -> None:
    world = make_world(budget=ENDS_BY_TIME)
    world.paused_trial(0.8, seconds=60)
    world.clock.now = 1_000.0

    assert world.oracle().create_trial("tuner").status == "STOPPED"

    (record,) = world.study.trials()
    assert (record.state, record.value, record.message) == ("stopped", 0.8, "the search was over")


def test_a_pause_is_told_and_the_time_before_it_is_remembered(make_world: MakeWorld) -> None:
    world = make_world(budget=ENDS_BY_TIME)
    oracle = world.oracle()
    trial = oracle.create_trial("tuner")
    oracle.conclude(trial.trial_id, Outcome("paused", {"total": 30.0}))

    oracle.end_trial(trial)

    (record,) = open_study(world.folder.journal).trials()
    assert (record.state, record.seconds) == ("paused", {"total": 30.0})
    assert [event["trial"] for event in world.channel.told("trial_paused")] == [0]


def test_a_worker_without_a_candidate_leaves_the_search_to_one_that_has_a_trial(
    make_world: MakeWorld,
) -> None:
    world = make_world("architecture: {stages: {count: 1, width: {values: [2, 4]}}}\n")
    world.study.end_trial(world.begin().number, "pruned", seconds={})
    world.begin()
    other = world.oracle_of(worker=1)

    with held(world.folder.worker_lock(0)):
        assert other.create_trial("tuner").status == "STOPPED"

    assert "search_ended" not in world.study.facts()


@pytest.mark.parametrize(("left_s", "goes_on"), [(19.9, False), (20.1, True)])
def test_a_leader_that_waits_is_not_built_again_for_no_step(
    make_world: MakeWorld, left_s: float, goes_on: bool
) -> None:
    world = make_world(budget=ENDS_BY_TIME)
    leader = world.begin().number
    oracle = world.oracle()
    oracle.verdict(leader, 4, 0.8, 0.0, Costs(build_s=20.0, step_s=1.0, evaluate_s=0.1))
    world.study.pause(leader, seconds={"total": 1.0})
    world.clock.now = oracle.ending.budget.search_until_s - left_s

    trial = oracle.create_trial("tuner")

    assert (trial.trial_id == str(leader)) is goes_on
    if not goes_on:
        assert trial.status == "STOPPED"
        assert world.study.facts()["search_ended"]["reason"] == "time"
        assert world.study.trials()[leader].state == "stopped"
