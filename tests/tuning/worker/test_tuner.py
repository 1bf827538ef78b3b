"""The loop over the trials: a second chance without memory, bounded disk, a fresh process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import tensorflow as tf
from tests.tuning.worker.conftest import ENDS_BY_TIME, MakeWorld, World

from cnnsearch.records.claims import held
from cnnsearch.tuning.budget import Budget
from cnnsearch.tuning.rungs import RungPlan
from cnnsearch.tuning.worker import tuner
from cnnsearch.tuning.worker.checkpoint import BEST, LATEST, SCORED
from cnnsearch.tuning.worker.hypermodel import CandidateModel
from cnnsearch.tuning.worker.interrupted import DiskFull, Interrupted, MemoryGrown
from cnnsearch.tuning.worker.memory import MemoryWatch
from cnnsearch.tuning.worker.training import Training
from cnnsearch.tuning.worker.tuner import SearchTuner

Pretend = Callable[..., list[int]]
OOM = tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A world with a budget of one trial."""
    return make_world(budget=Budget(None, 1, 0.0))


def out_of_memory(*, at_step: int, batch_sizes: Iterable[int] = (8,)) -> Callable[[Training], None]:
    """Return what lets memory run out at that step, in trainings of these batch sizes."""

    def run_out(training: Training) -> None:
        if training.step == at_step and training.batch_size in batch_sizes:
            raise OOM

    return run_out


def checkpoints(world: World, name: str) -> list[int]:
    """Return the numbers of the trials that have a checkpoint of this name."""
    return sorted(int(file.parent.name) for file in world.folder.path.glob(f"trials/*/{name}"))


def test_a_trial_is_trained_scored_and_recorded(world: World, pretend_training: Pretend) -> None:
    pretend_training([0.5, 0.75])

    world.tuner().search()

    (record,) = world.study.trials()
    assert (record.state, record.value, record.message) == ("complete", 0.75, None)
    assert record.seconds["total"] >= 0


def test_a_trial_is_told_of_before_its_network_is_built(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(*_: object) -> None:
        raise OOM

    monkeypatch.setattr(CandidateModel, "for_search", too_large)

    world.tuner().search()

    assert [event["trial"] for event in world.channel.told("trial_taken")] == [0, 0]
    assert world.channel.told("trial_started") == []
    assert world.study.trials()[0].state == "out_of_memory"


def test_out_of_memory_is_tried_once_more_at_half_the_batch(
    world: World, pretend_training: Pretend
) -> None:
    batch_sizes = pretend_training([0.5, 0.75], at_step=out_of_memory(at_step=1))

    world.tuner().search()

    (record,) = world.study.trials()
    assert batch_sizes == [8, 4]
    assert (record.state, record.value, record.batch_size) == ("complete", 0.75, 4)
    assert record.message is None


def test_the_time_until_memory_ran_out_is_time_of_the_trial(
    world: World, pretend_training: Pretend
) -> None:
    def take_time(training: Training) -> None:
        training.seconds["fit"] += 10.0
        out_of_memory(at_step=3)(training)

    pretend_training([0.5, 0.75], at_step=take_time)

    world.tuner().search()

    (record,) = world.study.trials()
    assert record.seconds["fit"] == 30 + 120


def test_out_of_memory_again_is_the_end_of_the_trial(
    world: World, pretend_training: Pretend
) -> None:
    batch_sizes = pretend_training(at_step=out_of_memory(at_step=1, batch_sizes=(8, 4, 2)))

    world.tuner().search()

    (record,) = world.study.trials()
    assert batch_sizes == [8, 4]
    assert record.state == "out_of_memory"
    assert record.message == "ResourceExhaustedError: OOM when allocating tensor"


def test_a_new_worker_does_not_halve_the_batch_again(
    world: World, pretend_training: Pretend
) -> None:
    world.study.note(world.begin().number, batch_size=4)
    batch_sizes = pretend_training(at_step=out_of_memory(at_step=1, batch_sizes=(8, 4, 2)))

    world.tuner().search()

    assert batch_sizes == [4]
    assert world.study.trials()[0].state == "out_of_memory"


def test_a_batch_of_one_image_is_not_halved_to_none(
    make_world: MakeWorld, pretend_training: Pretend
) -> None:
    world = make_world(
        "architecture: {stages: {count: 1, width: 4}}\ntraining: {batch_size: 1}\n",
        budget=Budget(None, 1, 0.0),
    )
    batch_sizes = pretend_training(at_step=out_of_memory(at_step=1, batch_sizes=(1,)))

    world.tuner().search()

    assert batch_sizes == [1, 1]
    assert world.study.trials()[0].batch_size == 1


def test_what_was_scored_before_memory_ran_out_can_still_win(
    world: World, pretend_training: Pretend
) -> None:
    pretend_training([0.9, 0.5], at_step=out_of_memory(at_step=9))

    world.tuner().search()

    best = world.study.best()
    assert best is not None
    assert (best.state, dict(best.looks)) == ("complete", {4: 0.9, 12: 0.5})
    assert checkpoints(world, SCORED) == [0]
    assert [event["step"] for event in world.channel.told("trial_started")] == [0, 4]


def test_a_trial_that_failed_is_recorded_and_the_search_goes_on(
    make_world: MakeWorld, pretend_training: Pretend
) -> None:
    world = make_world(budget=Budget(None, 5, 0.0))

    def fail(training: Training) -> None:
        raise ValueError("no such thing")

    pretend_training(at_step=fail)

    world.tuner().search()

    assert [trial.state for trial in world.study.trials()] == ["error"] * 5
    assert {trial.message for trial in world.study.trials()} == {"ValueError: no such thing"}


def test_only_what_may_still_win_keeps_its_checkpoint(
    make_world: MakeWorld, pretend_training: Pretend
) -> None:
    world = make_world(budget=Budget(None, 6, 0.0))
    pretend_training([0.1, 0.1, 0.9, 0.9, 0.3, 0.5, 0.95, 0.95, 0.7])

    world.tuner().search()

    best = world.study.best()
    assert best is not None
    assert len(world.study.trials()) == 6
    assert checkpoints(world, SCORED) == [best.number]
    assert checkpoints(world, LATEST) == []
    assert checkpoints(world, "architecture.json") == [0, 1, 2, 3, 4, 5]


def test_what_another_worker_trains_keeps_its_checkpoints(
    make_world: MakeWorld, pretend_training: Pretend
) -> None:
    world = make_world(budget=Budget(None, 3, 0.0))
    others = world.oracle_of(1).create_trial("tuner")
    folder = world.folder.trial(int(others.trial_id))
    folder.mkdir(parents=True)
    (folder / LATEST).write_bytes(b"state")
    (folder / SCORED).write_bytes(b"state")
    pretend_training([0.5, 0.75, 0.9, 0.95])

    with held(world.folder.worker_lock(1)):
        world.tuner().search()

    assert [trial.state for trial in world.study.trials()] == ["running", "complete", "complete"]
    assert checkpoints(world, LATEST) == [0]
    assert checkpoints(world, SCORED) == [0, 2]


def test_a_trial_of_another_worker_that_wins_meanwhile_keeps_its_checkpoints(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    loser, winner = world.scored_trial(0.5), world.begin()
    tuner_of_loser = world.tuner()
    (world.folder.trial(winner.number) / SCORED).parent.mkdir()
    (world.folder.trial(winner.number) / SCORED).touch()
    tuner_of_loser._saved.add(winner.number)
    kept = SearchTuner._kept

    def end_meanwhile(of: SearchTuner) -> set[int]:
        found = kept(of)
        world.study.report(winner.number, 4, 0.9)
        world.study.end_trial(winner.number, "stopped", seconds={})
        return found

    monkeypatch.setattr(SearchTuner, "_kept", end_meanwhile)

    tuner_of_loser._drop_checkpoints(loser.number)

    assert checkpoints(world, SCORED) == [loser.number, winner.number]


def make_world_of_strangers(make_world: MakeWorld, values: Iterable[float]) -> World:
    """Return a world of trials that ended far, scored so; the best one is an heir of the first."""
    world = make_world(budget=ENDS_BY_TIME, plan=RungPlan((4, 12, 36, 108), 2, 8))
    for value in values:
        number = world.scored_trial(value, 108).number
        (world.folder.trial(number) / BEST).touch()
    world.study.report(world.begin(parent=0).number, 150, 0.9)
    return world


def test_the_best_stranger_that_is_to_have_an_heir_keeps_its_checkpoints(
    make_world: MakeWorld,
) -> None:
    world = make_world_of_strangers(make_world, (0.5, 0.7, 0.8, 0.6))
    (world.folder.trial(2) / BEST).unlink()  # lost: nothing can begin with it

    world.tuner()._drop_checkpoints(3)

    assert checkpoints(world, BEST) == [0, 1]  # the best trial, 4, is in training and began with 0


def test_what_a_trial_in_training_begins_with_is_kept_until_it_ends(make_world: MakeWorld) -> None:
    world = make_world_of_strangers(make_world, (0.5, 0.7))
    world.study.end_trial(2, "pruned", seconds={})
    heir = world.begin(parent=1).number

    world.tuner()._drop_checkpoints(0)
    assert checkpoints(world, BEST) == [1]
    world.study.end_trial(heir, "pruned", seconds={})
    world.tuner()._drop_checkpoints(heir)
    assert checkpoints(world, BEST) == []


TWO_OBJECTIVES = """
    architecture: {stages: {count: 1, width: {min: 2, max: 13}}}
    objectives: {val_accuracy: max, macs: min}
    search: {algorithm: random, pruning: none, seed: 5}
"""


def test_with_several_objectives_the_whole_front_keeps_its_checkpoints(
    make_world: MakeWorld, pretend_training: Pretend
) -> None:
    world = make_world(TWO_OBJECTIVES, budget=Budget(None, 6, 0.0))
    pretend_training(1 - trial / 10 for trial in range(6) for _ in world.plan.rungs)

    world.tuner().search()

    front = [trial.number for trial in world.study.front()]
    assert 1 < len(front) < 6
    assert checkpoints(world, SCORED) == sorted(front)


def test_of_a_large_front_the_closest_neighbours_give_their_checkpoints_up(
    make_world: MakeWorld, pretend_training: Pretend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuner, "KEPT_CHECKPOINTS", 3)
    world = make_world(TWO_OBJECTIVES, budget=Budget(None, 0, 0.0))
    for width, score in [(2, 0.1), (3, 0.2), (8, 0.6), (12, 0.89), (13, 0.9)]:
        record = world.begin({"architecture.stages.width": width})
        world.study.report(record.number, 4, score)
        world.study.end_trial(record.number, "pruned", seconds={})
        world.folder.trial(record.number).mkdir()
        (world.folder.trial(record.number) / SCORED).touch()

    world.tuner()._drop_checkpoints(0)

    assert len(world.study.front()) == 5
    assert checkpoints(world, SCORED) == [0, 2, 4]


def test_a_worker_asked_to_stop_leaves_the_loop_with_the_trial_saved(
    make_world: MakeWorld, pretend_training: Pretend
) -> None:
    world = make_world(budget=Budget(None, 6, 0.0))
    pretend_training([0.5, 0.75])
    world.channel.stop_when = lambda: len(world.channel.told("progress")) >= 15

    with pytest.raises(Interrupted):
        world.tuner().search()

    assert [trial.state for trial in world.study.trials()] == ["complete", "running"]
    assert checkpoints(world, LATEST) == [1]


def test_a_process_that_has_grown_leaves_the_loop_after_its_trial(
    make_world: MakeWorld, pretend_training: Pretend, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(budget=Budget(None, 6, 0.0))
    pretend_training([0.5, 0.75])
    monkeypatch.setattr(MemoryWatch, "has_grown", lambda watch: True)

    with pytest.raises(MemoryGrown):
        world.tuner().search()

    assert [trial.state for trial in world.study.trials()] == ["complete"]


def test_a_full_disk_leaves_the_loop_with_the_trial_in_flight(
    world: World, pretend_training: Pretend
) -> None:
    def fill(training: Training) -> None:
        raise OSError(28, "No space left on device")

    pretend_training(at_step=fill)

    with pytest.raises(DiskFull):
        world.tuner().search()

    assert world.study.trials()[0].state == "running"


def test_kerastuner_leaves_no_files_in_the_run(world: World, pretend_training: Pretend) -> None:
    pretend_training([0.5, 0.75])

    world.tuner().search()

    found = {path.name for path in world.folder.path.rglob("*") if path.is_file()}
    assert found - {".study.journal.lock", ".proposing.lock"} == {
        "study.journal",
        "architecture.json",
        "history.csv",
        BEST,
        SCORED,
    }


def test_numbers_of_trials_are_folders(world: World) -> None:
    assert world.folder.trial(7) == Path(world.folder.path / "trials" / "0007")
    assert world.folder.trial(12_345).name == "12345"
