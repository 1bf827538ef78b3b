"""The oracle answers every question from the study, so that a new worker goes on where one died."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.tuning.worker.conftest import World

from cnnsearch.errors import AllTrialsFailedError, NothingFeasibleError
from cnnsearch.records.claims import held
from cnnsearch.records.study import open_study
from cnnsearch.records.trial import Failure, State, TrialRecord
from cnnsearch.tuning.budget import Budget
from cnnsearch.tuning.needs import Costs
from cnnsearch.tuning.racing import LEAST_S
from cnnsearch.tuning.rungs import RungPlan
from cnnsearch.tuning.step_cost import MACS_PER_BYTE, USUAL, Work
from cnnsearch.tuning.worker.checkpoint import BEST
from cnnsearch.tuning.worker.hopeless import HOPELESS_AFTER, MOST_OVER_LIMIT
from cnnsearch.tuning.worker.interrupted import Interrupted
from cnnsearch.tuning.worker.oracle import MOST_ATTEMPTS, Outcome, StudyOracle

MakeWorld = Callable[..., World]


def work(record: TrialRecord) -> Work:
    return Work(record.macs, record.traffic)


def run_out(oracle: StudyOracle, most: int = 20) -> list[str]:
    """Take trials until the oracle has no more, and end each at once; return their numbers."""
    numbers: list[str] = []
    while len(numbers) < most and (trial := oracle.create_trial("tuner")).status != "STOPPED":
        numbers.append(trial.trial_id)
        oracle.conclude(trial.trial_id, Outcome("pruned"))
        oracle.end_trial(trial)
    return numbers


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


def test_a_trial_whose_worker_died_is_taken_up_before_a_new_one(world: World) -> None:
    record = world.begin()

    trial = world.oracle().create_trial("tuner")

    assert trial.trial_id == str(record.number)
    assert trial.hyperparameters.values == record.settings
    assert world.study.trials()[0].attempts == 2
    assert len(world.study.trials()) == 1


def test_what_a_living_worker_trains_is_left_to_it(world: World) -> None:
    other = world.oracle_of(1)
    with held(world.folder.worker_lock(1)):
        assert other.create_trial("tuner").trial_id == "0"

        assert world.oracle().create_trial("tuner").trial_id == "1"

    assert [trial.worker for trial in world.study.trials()] == [1, 0]
    assert [trial.attempts for trial in world.study.trials()] == [1, 1]


def test_what_a_dead_worker_trained_is_taken_up_by_another(world: World) -> None:
    world.oracle_of(1).create_trial("tuner")  # and nobody holds its place

    assert world.oracle().create_trial("tuner").trial_id == "0"
    (record,) = world.study.trials()
    assert (record.worker, record.attempts) == (0, 2)


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


def test_what_others_trials_cost_is_learned_too(world: World) -> None:
    mine, others = world.oracle(), world.oracle_of(1)
    trial = others.create_trial("tuner")
    others.conclude(trial.trial_id, Outcome("pruned", {"image": 0.5}))
    others.end_trial(trial)

    mine.create_trial("tuner")

    assert mine.race.cost.predict_s(work(world.study.trials()[0]), images=2) == pytest.approx(1.0)


def test_a_trial_that_took_its_workers_with_it_is_given_up(world: World) -> None:
    for _ in range(MOST_ATTEMPTS):
        assert world.oracle().create_trial("tuner").trial_id == "0"

    trial = world.oracle().create_trial("tuner")

    first, second = world.study.trials()
    assert (first.state, first.message) == ("crashed", "its worker died 2 times")
    assert (trial.trial_id, second.state) == ("1", "running")
    assert [event["state"] for event in world.channel.told("trial_ended")] == ["crashed"]


def test_a_trial_whose_worker_was_killed_for_memory_is_taken_up_at_half_the_batch(
    world: World,
) -> None:
    world.oracle().create_trial("tuner")
    world.study.note(0, starved=True)

    assert world.oracle().create_trial("tuner").trial_id == "0"
    assert world.study.trials()[0].batch_size == 4


def test_a_trial_that_starves_at_half_the_batch_too_is_out_of_memory(world: World) -> None:
    for _ in range(MOST_ATTEMPTS):
        world.oracle().create_trial("tuner")
        world.study.note(0, starved=True)

    assert world.oracle().create_trial("tuner").trial_id == "1"
    record = world.study.trials()[0]
    assert (record.state, record.batch_size) == ("out_of_memory", 4)
    assert record.message == "the system killed its worker for want of memory"


def test_as_many_trials_are_run_as_the_budget_says(make_world: MakeWorld) -> None:
    world = make_world(budget=Budget(None, 3, 0.0))

    assert run_out(world.oracle()) == ["0", "1", "2"]
    assert run_out(world.oracle()) == []  # nor does a new worker begin more


def test_a_trial_in_flight_is_finished_although_the_budget_has_no_more(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=Budget(None, 1, 0.0))
    world.begin()

    assert run_out(world.oracle()) == ["0"]


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


def test_what_ended_trials_cost_is_known_to_the_next(world: World) -> None:
    oracle = world.oracle()
    trial = oracle.create_trial("tuner")
    oracle.conclude(trial.trial_id, Outcome("pruned", {"image": 0.5}))

    oracle.end_trial(trial)
    oracle.create_trial("tuner")

    assert oracle.race.cost.predict_s(work(world.study.trials()[0]), images=2) == pytest.approx(1.0)


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


def test_how_a_trial_ended_is_recorded_and_told(world: World) -> None:
    oracle = world.oracle()
    trial = oracle.create_trial("tuner")
    oracle.verdict(0, 4, 0.5)
    oracle.conclude("0", Outcome("diverged", {"total": 2.0}, "the loss became nan"))

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
            "step": 4,
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


def look(world: World, value: float, *, step: int = 4, seconds: float) -> TrialRecord:
    """Record a trial that has been looked at once, and pause it as the search would."""
    record = world.begin()
    world.study.report(record.number, step, value)
    return world.study.pause(record.number, seconds={"total": seconds, "image": 1e-3})


TIMED = Budget(1_000.0, None, 0.0)


def test_the_best_trial_waits_for_challengers_once_it_has_had_half_of_the_time(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=TIMED)
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


def test_while_the_best_trial_waits_a_challenger_is_begun(make_world: MakeWorld) -> None:
    world = make_world(budget=TIMED)
    look(world, 0.8, seconds=60)

    assert world.oracle().create_trial("tuner").trial_id == "1"


def test_the_best_trial_goes_on_when_its_challengers_have_had_their_half(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=TIMED)
    look(world, 0.8, seconds=60)
    world.study.end_trial(world.begin().number, "pruned", seconds={"total": 61})

    trial = world.oracle().create_trial("tuner")

    record = world.study.trials()[0]
    assert trial.trial_id == "0"
    assert (record.state, record.seconds["total"], record.attempts) == ("running", 60, 1)


def test_a_waiting_trial_that_was_overtaken_is_pruned(make_world: MakeWorld) -> None:
    world = make_world(budget=TIMED)
    look(world, 0.8, seconds=60)
    look(world, 0.9, seconds=60)

    world.oracle().create_trial("tuner")

    assert [record.state for record in world.study.trials()] == ["pruned", "paused", "running"]
    assert [event["trial"] for event in world.channel.told("trial_ended")] == [0]


def test_when_the_search_ends_the_best_trial_waits_no_more(make_world: MakeWorld) -> None:
    world = make_world(budget=TIMED)
    look(world, 0.8, seconds=60)
    world.clock.now = 1_000.0

    assert world.oracle().create_trial("tuner").status == "STOPPED"

    (record,) = world.study.trials()
    assert (record.state, record.value, record.message) == ("stopped", 0.8, "the search was over")


def test_no_challenger_begins_that_could_not_come_as_far_as_the_best(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=TIMED)
    look(world, 0.8, step=12, seconds=60)  # 12 steps of 8 images take 96 ms: 0.192 s must be left
    world.clock.now = world.budget.search_until_s - 0.1

    trial = world.oracle().create_trial("tuner")

    assert trial.trial_id == "0"


def test_a_challenger_that_can_no_longer_come_as_far_is_pruned(make_world: MakeWorld) -> None:
    world = make_world(budget=TIMED)
    look(world, 0.8, step=12, seconds=60)
    challenger = world.begin().number
    world.clock.now = world.budget.search_until_s - 0.05
    oracle = world.oracle()

    assert oracle.verdict(challenger, 4, 0.7, seconds=1) == "pruned"
    world.clock.now = 0.0
    assert oracle.verdict(challenger, 4, 0.7, seconds=1) == "goes on"


def test_a_pause_is_told_and_the_time_before_it_is_remembered(make_world: MakeWorld) -> None:
    world = make_world(budget=TIMED)
    oracle = world.oracle()
    trial = oracle.create_trial("tuner")
    oracle.conclude(trial.trial_id, Outcome("paused", {"total": 30.0}))

    oracle.end_trial(trial)

    (record,) = open_study(world.folder.journal).trials()
    assert (record.state, record.seconds) == ("paused", {"total": 30.0})
    assert [event["trial"] for event in world.channel.told("trial_paused")] == [0]


def test_a_network_of_the_front_is_trained_as_far_as_the_leader_and_no_further(
    make_world: MakeWorld,
) -> None:
    world = make_world(
        "architecture: {stages: {count: 1, width: {min: 1, max: 20}}}\n"
        "objectives: {val_accuracy: max, macs: min}\n",
        budget=TIMED,
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


def test_once_the_best_trial_is_far_every_second_challenger_begins_with_its_weights(
    make_world: MakeWorld,
) -> None:
    world = make_world(
        "architecture: {stages: {count: 1, width: {min: 1, max: 20}}}\n"
        "data: {augmentation: {crop: {values: [0, 0.125, 0.25]}}}\n",
        budget=TIMED,
        plan=RungPlan((4, 12, 36, 108, 324), 2, 8),
    )
    leader = world.begin().number
    for step in (4, 12, 36, 108):
        world.study.report(leader, step, 0.5 + step / 1_000)
    world.study.note(leader, batch_size=4)
    world.study.pause(leader, seconds={"total": 1_000, "image": 1e-6})
    best = world.folder.trial(leader) / BEST
    best.parent.mkdir(parents=True)
    oracle = world.oracle()

    run_out(oracle, most=1)
    best.write_bytes(b"state")
    run_out(oracle, most=2)

    stranger, heir, other = world.study.trials()[1:4]
    assert (stranger.parent, other.parent) == (None, None)
    assert (heir.parent, heir.batch_size) == (leader, 4)
    settings = dict(world.study.trials()[leader].settings)
    assert heir.settings == {**settings, "data.augmentation.crop": 0.125}


@pytest.mark.parametrize(("left_s", "parents"), [(59.0, [None]), (61.0, [0])])
def test_an_heir_begins_only_where_it_would_be_looked_at(
    make_world: MakeWorld, left_s: float, parents: list[int | None]
) -> None:
    world = make_world(
        "architecture: {stages: {count: 1, width: 4}}\n"
        "data: {augmentation: {crop: {values: [0, 0.125, 0.25]}}}\n",
        budget=TIMED,
        plan=RungPlan((4, 12, 36, 108, 324), 2, 8),
    )
    leader = world.begin().number
    world.oracle().verdict(leader, 108, 0.5, 0.0, Costs(build_s=20.0, step_s=5.0, evaluate_s=1.0))
    image_s = 40.0 / (8 * (324 - 108))
    world.study.end_trial(leader, "complete", seconds={"total": 1.0, "image": image_s})
    best = world.folder.trial(leader) / BEST
    best.parent.mkdir(parents=True)
    best.write_bytes(b"state")
    oracle = world.oracle()
    world.clock.now = oracle.ending.budget.search_until_s - left_s

    run_out(oracle, most=1)

    assert [trial.parent for trial in world.study.trials()[1:]] == parents


def test_a_trial_that_was_overtaken_ends_at_its_next_look_and_makes_room(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=TIMED, plan=RungPlan((4, 36), 2, 8, between=(12, 24)))
    first, better = world.begin().number, world.begin().number
    oracle = world.oracle()
    for step in (4, 12):
        world.study.report(first, step, 0.6)
        world.study.report(better, step, 0.8)

    assert oracle.verdict(first, 24, 0.7, seconds=2) == "pruned"
    assert oracle.verdict(better, 24, 0.85, seconds=2) == "goes on"


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


def test_the_best_trial_ends_when_it_has_long_got_no_better(make_world: MakeWorld) -> None:
    world = make_world(budget=TIMED, plan=RungPlan((4, 12, 108), 2, 8, between=(24, 32, 36)))
    number = world.begin().number
    oracle = world.oracle()
    verdicts = [
        oracle.verdict(number, step, value, seconds=1)
        for step, value in ((4, 0.5), (12, 0.6), (24, 0.7), (32, 0.69), (36, 0.69))
    ]

    assert verdicts == ["goes on"] * 4 + ["complete"]


def test_a_challenger_need_only_come_as_far_as_the_best_look(make_world: MakeWorld) -> None:
    world = make_world(budget=TIMED)
    leader = world.begin().number
    world.study.report(leader, 4, 0.8)
    world.study.report(leader, 12, 0.7)
    world.study.pause(leader, seconds={"total": 60, "image": 1.0})
    world.clock.now = world.budget.search_until_s - 70  # 12 steps of 8 images take 96 s, 4 take 32

    assert world.oracle().create_trial("tuner").trial_id == "1"
