"""A trial outlives its worker, but not every worker that takes it up."""

from __future__ import annotations

from tests.tuning.worker.conftest import MakeWorld, World, run_out

from cnnsearch.records.claims import held
from cnnsearch.tuning.budget import Budget
from cnnsearch.tuning.worker.orphans import MOST_ATTEMPTS

TAKEN = {"total": 30.0, "fit": 20.0, "evaluate": 5.0}


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


def test_a_trial_that_took_its_workers_with_it_is_given_up(world: World) -> None:
    for _ in range(MOST_ATTEMPTS):
        assert world.oracle().create_trial("tuner").trial_id == "0"

    trial = world.oracle().create_trial("tuner")

    first, second = world.study.trials()
    assert (first.state, first.message) == ("crashed", "its worker died 2 times")
    assert (trial.trial_id, second.state) == ("1", "running")
    assert [event["state"] for event in world.channel.told("trial_ended")] == ["crashed"]


def test_a_trial_that_is_given_up_keeps_the_time_that_it_took(world: World) -> None:
    world.begin()
    world.study.note(0, attempts=MOST_ATTEMPTS, before=TAKEN)

    world.oracle().create_trial("tuner")

    trial = world.study.trials()[0]
    assert (trial.state, trial.seconds) == ("crashed", TAKEN)


def test_a_trial_that_the_search_has_no_time_for_keeps_the_time_that_it_took(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=Budget(10.0, None, 0.0))
    world.scored_trial(0.5)
    world.begin()
    world.study.note(1, attempts=0, before=TAKEN)  # it was interrupted
    world.clock.now = 11.0

    assert world.oracle().create_trial("tuner").status == "STOPPED"
    trial = world.study.trials()[1]
    assert (trial.state, trial.seconds) == ("stopped", TAKEN)


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


def test_a_trial_in_flight_is_finished_although_the_budget_has_no_more(
    make_world: MakeWorld,
) -> None:
    world = make_world(budget=Budget(None, 1, 0.0))
    world.begin()

    assert run_out(world.oracle()) == ["0"]
