"""A trial is scored at each rung, can be taken up at any step, and each end has its own name."""

from __future__ import annotations

import csv
import errno
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tests.tuning.worker.conftest import ENDS_BY_TIME, SMALL, MakeWorld, World

from cnnsearch.architecture import Architecture
from cnnsearch.records.history import read_history
from cnnsearch.records.trial import TrialRecord
from cnnsearch.tuning.budget import USUAL, Budget
from cnnsearch.tuning.rungs import RungPlan
from cnnsearch.tuning.worker import trial as trial_module
from cnnsearch.tuning.worker.checkpoint import BEST, LATEST, SCORED
from cnnsearch.tuning.worker.hypermodel import CandidateModel
from cnnsearch.tuning.worker.interrupted import DiskFull, Interrupted
from cnnsearch.tuning.worker.outcome import Outcome
from cnnsearch.tuning.worker.training import Diverged, Training
from cnnsearch.tuning.worker.trial import SAVE_EVERY_S

Pretend = Callable[..., list[int]]


def run(world: World, record: TrialRecord | None = None) -> Outcome:
    return world.trial_training(record or world.begin()).run()


def step_of(path: Path) -> int:
    with np.load(path) as state:
        return int(state["step"])


class PretendedTime:
    """Time that passes as the test says."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now

    def go_on(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> PretendedTime:
    clock = PretendedTime()
    monkeypatch.setattr(trial_module, "time", clock)
    return clock


def raising(error: BaseException, step: int) -> Callable[[Training], None]:
    """Return what raises `error` in the middle of a training, after so many steps."""

    def at_step(training: Training) -> None:
        if training.step == step:
            raise error

    return at_step


def test_a_trial_that_goes_on_everywhere_is_complete(
    world: World, pretend_training: Pretend
) -> None:
    pretend_training([0.5, 0.75])

    outcome = run(world)

    assert (outcome.state, outcome.message) == ("complete", None)
    assert dict(world.study.trials()[0].looks) == {4: 0.5, 12: 0.75}
    assert set(outcome.seconds) == {"total", "build", "fit", "evaluate", "image"}


def test_a_trial_that_is_not_among_the_best_is_pruned_at_its_rung(
    world: World, pretend_training: Pretend
) -> None:
    world.study.report(world.begin().number, 4, 0.9)
    pretend_training([0.5])

    outcome = run(world, world.begin())

    assert (outcome.state, outcome.message) == ("pruned", None)
    assert dict(world.study.trials()[1].looks) == {4: 0.5}
    assert not (world.folder.trial(1) / LATEST).exists()


def test_its_folder_tells_of_the_network_and_of_each_look(
    world: World, pretend_training: Pretend
) -> None:
    pretend_training([0.5, 0.75])

    run(world)

    document = json.loads((world.folder.trial(0) / "architecture.json").read_text())
    candidate = world.hypermodel.candidate(world.study.trials()[0].settings)
    assert Architecture.from_json(document) == world.hypermodel.architecture(candidate)
    with (world.folder.trial(0) / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert rows == [
        {"step": "4", "train_loss": "1.000000", "train_accuracy": "0.500000"}
        | {"val_loss": "0.500000", "val_accuracy": "0.500000"},
        {"step": "12", "train_loss": "1.000000", "train_accuracy": "0.500000"}
        | {"val_loss": "0.750000", "val_accuracy": "0.750000"},
    ]


def test_what_happens_is_told(world: World, pretend_training: Pretend) -> None:
    pretend_training([0.5, 0.75])

    run(world)

    (started,) = world.channel.told("trial_started")
    record = world.study.trials()[0]
    assert started == {
        "event": "trial_started",
        "trial": 0,
        "parameters": record.parameters,
        "macs": record.macs,
        "settings": dict(record.settings),
        "step": 0,
        "top_step": 12,
        "parent": None,
    }
    looks = [(look["step"], look["value"], look["verdict"]) for look in world.channel.told("look")]
    assert looks == [(4, 0.5, "goes on"), (12, 0.75, "complete")]
    progress = world.channel.told("progress")
    assert [event["step"] for event in progress] == list(range(1, 13))
    assert {event["next_look"] for event in progress[:3]} == {4}
    assert (progress[4]["next_look"], progress[4]["loss"]) == (12, 1.0)


@pytest.mark.parametrize(("scores", "step"), [((0.5, 0.75), 12), ((0.75, 0.5), 4)])
def test_the_weights_kept_are_those_of_the_best_look(
    world: World, pretend_training: Pretend, scores: tuple[float, float], step: int
) -> None:
    pretend_training(scores)

    run(world)

    assert step_of(world.folder.trial(0) / SCORED) == step


def test_where_a_loss_is_sought_the_best_look_is_the_least(
    make_world: MakeWorld, pretend_training: Pretend
) -> None:
    world = make_world(
        "architecture: {stages: {count: 1, width: {min: 2, max: 9}}}\nobjectives: {val_loss: min}\n"
    )
    pretend_training([0.5, 0.75])

    run(world)

    assert step_of(world.folder.trial(0) / SCORED) == 4


def test_a_trial_asked_to_stop_is_saved_where_it_is_and_costs_no_attempt(
    world: World, pretend_training: Pretend
) -> None:
    pretend_training([0.5, 0.75])
    world.channel.stop_when = lambda: len(world.channel.told("progress")) >= 7

    with pytest.raises(Interrupted):
        run(world)

    assert step_of(world.folder.trial(0) / LATEST) == 7
    assert (world.study.trials()[0].state, world.study.trials()[0].attempts) == ("running", 0)


def test_the_time_of_a_trial_ends_it_with_what_it_has_scored(
    make_world: MakeWorld, pretend_training: Pretend, clock: PretendedTime
) -> None:
    world = make_world(budget=Budget(None, None, 0.0, trial_time_s=60.0))
    pretend_training([0.5], at_step=lambda training: clock.go_on(10.0))

    outcome = run(world)

    assert outcome.state == "timed_out"
    assert outcome.message == "it took longer than `budget.trial_time`"
    assert dict(world.study.trials()[0].looks) == {4: 0.5}
    assert step_of(world.folder.trial(0) / LATEST) == 6


def test_the_first_trial_is_looked_at_however_little_time_it_has(
    make_world: MakeWorld, pretend_training: Pretend, clock: PretendedTime
) -> None:
    world = make_world(budget=Budget(None, None, 0.0, trial_time_s=15.0))
    pretend_training([0.5], at_step=lambda training: clock.go_on(10.0))

    assert run(world).state == "timed_out"
    assert dict(world.study.trials()[0].looks) == {2: 0.5}


@pytest.mark.parametrize(("longest_s", "looks"), [(0.0, {4: 0.5, 6: 0.6}), (1.0, {4: 0.5})])
def test_the_best_trial_is_looked_at_where_the_search_ends_unless_it_is_annealed_from_there(
    make_world: MakeWorld,
    pretend_training: Pretend,
    clock: PretendedTime,
    longest_s: float,
    looks: dict[int, float],
) -> None:
    needs = replace(USUAL, longest_s=longest_s)
    world = make_world(budget=replace(ENDS_BY_TIME, trial_time_s=12.0, needs=needs))
    pretend_training([0.5, 0.6], at_step=lambda training: clock.go_on(2.0))

    run(world)

    assert dict(world.study.trials()[0].looks) == looks


@pytest.mark.parametrize("score", [0.4, 0.9])
def test_a_last_look_does_not_tell_of_a_verdict_that_is_not_carried_out(
    make_world: MakeWorld, pretend_training: Pretend, clock: PretendedTime, score: float
) -> None:
    world = make_world(budget=replace(ENDS_BY_TIME, trial_time_s=35.0))
    world.scored_trial(0.5)
    pretend_training([score], at_step=lambda training: clock.go_on(10.0))

    assert run(world).state == "timed_out"
    assert [look["verdict"] for look in world.channel.told("look")] == ["stopped"]


def test_the_time_before_an_interruption_counts(
    make_world: MakeWorld, pretend_training: Pretend, clock: PretendedTime
) -> None:
    world = make_world(budget=Budget(None, None, 0.0, trial_time_s=60.0))
    pretend_training([0.5], at_step=lambda training: clock.go_on(10.0))
    world.channel.stop_when = lambda: len(world.channel.told("progress")) == 5
    with pytest.raises(Interrupted):
        run(world)

    outcome = run(world, world.study.trials()[0])

    assert (outcome.state, len(world.channel.told("progress"))) == ("timed_out", 6)
    assert outcome.seconds["total"] == 60
    assert set(outcome.seconds) >= {"fit", "evaluate"}


def test_the_time_before_a_kill_counts_up_to_what_was_saved(
    world: World, pretend_training: Pretend, clock: PretendedTime
) -> None:
    def at_step(training: Training) -> None:
        clock.go_on(10.0)
        training.seconds["fit"] += 10.0
        if training.step == 7:
            raise KeyboardInterrupt  # as if killed: nothing is saved any more

    pretend_training([0.5], at_step=at_step)
    with pytest.raises(KeyboardInterrupt):
        run(world)

    assert step_of(world.folder.trial(0) / LATEST) == 6
    seconds = world.study.trials()[0].seconds
    assert (seconds["total"], seconds["fit"]) == (60, 60)


def test_the_time_before_a_pause_counts_where_the_network_cannot_be_built_again(
    world: World, monkeypatch: pytest.MonkeyPatch, clock: PretendedTime
) -> None:
    record = world.begin()
    world.study.pause(record.number, seconds={"total": 30.0, "fit": 20.0, "evaluate": 5.0})

    def fail(*arguments: Any) -> None:
        clock.go_on(10.0)
        raise MemoryError

    monkeypatch.setattr(CandidateModel, "for_search", fail)

    outcome = run(world, world.study.take_up(record.number))

    assert outcome.state == "out_of_memory"
    assert outcome.seconds == {"total": 40.0, "fit": 20.0, "evaluate": 5.0}


def cut(path: Path) -> None:
    """Leave half of a file, as a power failure may."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def interrupted(world: World, step: int) -> TrialRecord:
    """Return the record of a trial that was stopped at a step."""
    told = len(world.channel.told("progress"))
    world.channel.stop_when = lambda: len(world.channel.told("progress")) == told + step
    with pytest.raises(Interrupted):
        run(world)
    (record,) = world.study.trials()
    return record


def test_a_trial_whose_checkpoints_are_damaged_begins_again(
    world: World, pretend_training: Pretend
) -> None:
    pretend_training([0.9, 0.9, 0.75])
    record = interrupted(world, 7)
    for name in (LATEST, BEST, SCORED):
        cut(world.folder.trial(0) / name)

    outcome = run(world, record)

    assert outcome.state == "complete"
    assert [event["step"] for event in world.channel.told("trial_started")] == [0, 0]
    assert dict(world.study.trials()[0].looks) == {4: 0.9, 12: 0.75}
    assert step_of(world.folder.trial(0) / SCORED) == 4
    latest, best = [warning["message"] for warning in world.channel.told("warning")]
    assert "latest.npz cannot be read" in latest
    assert latest.endswith("; trial 0 goes on from an earlier state")
    assert "best.npz cannot be read" in best
    assert best.endswith("; trial 0 begins again")


def test_a_damaged_last_state_costs_the_steps_since_the_best_look(
    world: World, pretend_training: Pretend
) -> None:
    pretend_training([0.9, 0.95])
    record = interrupted(world, 7)
    cut(world.folder.trial(0) / LATEST)

    run(world, record)

    assert [event["step"] for event in world.channel.told("trial_started")] == [0, 4]
    assert dict(world.study.trials()[0].looks) == {4: 0.9, 12: 0.95}


def test_what_a_trial_goes_on_with_leaves_its_best_state_as_it_was(
    world: World, pretend_training: Pretend
) -> None:
    pretend_training([0.9, 0.95])

    interrupted(world, 7)

    assert step_of(world.folder.trial(0) / LATEST) == 7
    assert step_of(world.folder.trial(0) / BEST) == 4


def test_an_heir_that_was_killed_after_its_first_look_does_not_begin_anew(
    world: World, pretend_training: Pretend
) -> None:
    pretend_training([0.9, 0.75])
    parent = world.begin()
    run(world, parent)
    heir = heir_of(world, parent)
    world.study.report(heir.number, 12, 0.8)  # killed before anything was saved
    pretend_training([0.8])

    run(world, world.study.trials()[heir.number])

    assert world.channel.told("trial_started")[-1]["step"] == 4


def test_a_trial_stopped_at_a_rung_is_looked_at_when_it_goes_on(
    world: World, pretend_training: Pretend
) -> None:
    pretend_training([0.9, 0.75])
    record = interrupted(world, 4)

    outcome = run(world, record)

    assert outcome.state == "complete"
    assert dict(world.study.trials()[0].looks) == {4: 0.9, 12: 0.75}
    assert [event["step"] for event in world.channel.told("look")] == [4, 12]


def test_only_deaths_without_progress_between_them_count(
    world: World, pretend_training: Pretend
) -> None:
    record = world.begin()
    world.study.note(record.number, attempts=2)
    pretend_training([0.5], at_step=raising(KeyboardInterrupt(), 6))

    with pytest.raises(KeyboardInterrupt):
        run(world, world.study.trials()[0])

    assert world.study.trials()[0].attempts == 1


def test_a_trial_taken_up_goes_on_at_its_step_with_its_looks(
    world: World, pretend_training: Pretend
) -> None:
    pretend_training([0.9, 0.75])
    world.channel.stop_when = lambda: len(world.channel.told("progress")) == 7
    with pytest.raises(Interrupted):
        run(world)
    (record,) = world.study.trials()

    outcome = run(world, record)

    assert outcome.state == "complete"
    assert [event["step"] for event in world.channel.told("trial_started")] == [0, 7]
    assert [event["step"] for event in world.channel.told("progress")] == list(range(1, 13))
    assert dict(world.study.trials()[0].looks) == {4: 0.9, 12: 0.75}
    assert step_of(world.folder.trial(0) / SCORED) == 4


def heir_of(world: World, parent: TrialRecord) -> TrialRecord:
    """Record a trial of the same network that begins with the weights of `parent`."""
    candidate = world.hypermodel.candidate(parent.settings)
    return world.study.add_trial(
        candidate.settings, candidate.choices, parameters=1, macs=1, parent=parent.number
    )


def test_an_heir_begins_where_its_parent_scored_best(
    world: World, pretend_training: Pretend
) -> None:
    pretend_training([0.9, 0.75])
    parent = world.begin()
    run(world, parent)
    pretend_training([0.95])

    outcome = run(world, heir_of(world, parent))

    assert outcome.state == "complete"
    started = world.channel.told("trial_started")[-1]
    assert (started["trial"], started["parent"], started["step"]) == (1, 0, 4)
    assert dict(world.study.trials()[1].looks) == {12: 0.95}


def test_an_heir_has_the_weights_of_its_parent(world: World, pretend_training: Pretend) -> None:
    parent = world.begin()
    run(world, parent)
    pretend_training([0.8])  # which leaves the weights as they are

    run(world, heir_of(world, parent))

    with (
        np.load(world.folder.trial(0) / BEST) as expected,
        np.load(world.folder.trial(1) / BEST) as found,
    ):
        for name in set(expected) - {"step"}:
            np.testing.assert_array_equal(expected[name], found[name])


def test_an_heir_whose_parents_weights_are_gone_begins_anew_and_says_so(
    world: World, pretend_training: Pretend
) -> None:
    pretend_training([0.9, 0.95, 0.6, 0.7])
    parent = world.begin()
    run(world, parent)
    (world.folder.trial(0) / BEST).unlink()

    run(world, heir_of(world, parent))

    assert world.channel.told("trial_started")[-1]["step"] == 0
    assert "trial 1 begins at step 0" in world.channel.told("warning")[-1]["message"]


def test_a_trial_of_slow_steps_is_saved_between_its_looks_and_its_units(
    world: World, pretend_training: Pretend, clock: PretendedTime
) -> None:
    def at_step(training: Training) -> None:
        clock.go_on(SAVE_EVERY_S + 1)
        raising(RuntimeError("killed"), 8)(training)

    pretend_training([0.5], at_step=at_step)

    run(world)

    assert world.plan.unit == 2
    assert step_of(world.folder.trial(0) / LATEST) == 7


def test_what_takes_long_to_save_is_saved_less_often(
    world: World,
    pretend_training: Pretend,
    clock: PretendedTime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save_s = SAVE_EVERY_S

    def save_slowly(*arguments: Any) -> None:
        clock.go_on(save_s)

    pretend_training([0.5, 0.6], at_step=lambda training: clock.go_on(4 * save_s))
    monkeypatch.setattr(trial_module, "save_checkpoint", save_slowly)
    monkeypatch.setattr(trial_module, "link_checkpoint", lambda *arguments: None)

    run(world)

    assert [event["step"] for event in world.channel.told("saved")] == [1, 4, 5, 11]


def test_a_trial_that_goes_on_is_saved_at_its_rung(world: World, pretend_training: Pretend) -> None:
    pretend_training([0.5], at_step=raising(RuntimeError("killed"), 9))

    run(world)

    assert step_of(world.folder.trial(0) / LATEST) == 4


def test_a_search_whose_time_is_over_stops_what_is_in_flight(
    make_world: MakeWorld, pretend_training: Pretend
) -> None:
    world = make_world(budget=Budget(100.0, None, 0.25))
    world.scored_trial(0.9, step=8)  # more than twice as far

    def pass_time(training: Training) -> None:
        world.clock.now = 75.0 if training.step == 3 else 0.0

    pretend_training([], at_step=pass_time)

    outcome = run(world)

    assert (outcome.state, outcome.message) == ("stopped", "the time to search was over")
    assert outcome.step == 3
    assert world.study.trials()[1].looks == {}


def test_a_rival_of_the_best_trial_that_the_end_cuts_short_is_looked_at_last(
    make_world: MakeWorld, pretend_training: Pretend
) -> None:
    world = make_world(budget=Budget(100.0, None, 0.25))
    world.scored_trial(0.5)

    def pass_time(training: Training) -> None:
        world.clock.now = 75.0 if training.step == 3 else 0.0

    pretend_training([0.9], at_step=pass_time)

    outcome = run(world)

    assert outcome.state == "stopped"
    assert dict(world.study.trials()[1].looks) == {3: 0.9}
    assert world.study.best() == world.study.trials()[1]
    assert step_of(world.folder.trial(1) / SCORED) == 3


def test_a_search_whose_time_is_over_before_any_look_looks_once(
    make_world: MakeWorld, pretend_training: Pretend
) -> None:
    world = make_world(budget=Budget(100.0, None, 0.25))
    world.clock.now = 99.0
    pretend_training([0.5])

    outcome = run(world)

    assert outcome.state == "stopped"
    assert dict(world.study.trials()[0].looks) == {1: 0.5}
    assert step_of(world.folder.trial(0) / SCORED) == 1


@pytest.mark.parametrize(
    ("error", "state", "message"),
    [
        (Diverged("the training loss became nan by step 2"), "diverged", None),
        (MemoryError(), "out_of_memory", "MemoryError: no message"),
        (
            tf.errors.ResourceExhaustedError(None, None, "OOM when allocating\n\tat line 7"),
            "out_of_memory",
            "ResourceExhaustedError: OOM when allocating",
        ),
        (ValueError("no such\nthing"), "error", "ValueError: no such"),
        (OSError(errno.EACCES, "Permission denied"), "error", "PermissionError: [Errno 13] Perm"),
    ],
)
def test_each_failure_has_its_name_and_its_message(
    world: World, pretend_training: Pretend, error: Exception, state: str, message: str | None
) -> None:
    pretend_training(at_step=raising(error, 2))

    outcome = run(world)

    assert outcome.state == state
    assert (outcome.message or "").startswith(message or str(error))
    assert "\n" not in (outcome.message or "")
    assert outcome.seconds["total"] >= 0


def test_where_an_error_came_from_is_in_the_log(
    world: World, pretend_training: Pretend, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend_training(at_step=raising(ValueError("no such thing"), 2))

    run(world)

    log = capsys.readouterr().err
    assert "ValueError: no such thing" in log
    assert "in at_step" in log


@pytest.mark.parametrize("score", [math.nan, math.inf])
def test_a_score_that_is_no_number_is_divergence(
    make_world: MakeWorld, pretend_training: Pretend, score: float
) -> None:
    world = make_world(
        "architecture: {stages: {count: 1, width: {min: 2, max: 9}}}\nobjectives: {val_loss: min}\n"
    )
    pretend_training([score])

    outcome = run(world)

    assert outcome.state == "diverged"
    assert outcome.message == f"the validation loss became {score} by step 4"
    assert world.study.trials()[0].looks == {}
    assert not (world.folder.trial(0) / SCORED).exists()


def test_a_model_that_cannot_be_built_is_an_error_of_its_trial(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise TypeError("no such layer")

    monkeypatch.setattr("cnnsearch.tuning.worker.hypermodel.build", lambda *a, **k: fail())

    outcome = run(world)

    assert (outcome.state, outcome.message) == ("error", "TypeError: no such layer")
    assert set(outcome.seconds) == {"total"}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_not_the_trials_fault(
    world: World, pretend_training: Pretend, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def fail(*_: Any) -> None:
        raise OSError(code, "full")

    pretend_training([0.5])
    monkeypatch.setattr(trial_module, "save_checkpoint", fail)

    with pytest.raises(DiskFull):
        run(world)

    assert world.study.trials()[0].state == "running"


def test_a_trial_of_half_the_batch_trains_with_it(world: World, pretend_training: Pretend) -> None:
    batch_sizes = pretend_training([0.5, 0.5])
    world.study.note(world.begin().number, batch_size=4)

    run(world, world.study.trials()[0])

    assert batch_sizes == [4]


def test_a_trial_of_larger_batches_is_looked_at_after_as_many_images(
    make_world: MakeWorld, pretend_training: Pretend
) -> None:
    world = make_world(SMALL.replace("batch_size: 8", "batch_size: {values: [8, 16], prior: 8}"))
    settings = dict(world.begin().settings)
    record = world.begin({**settings, "training.batch_size": 16})
    pretend_training([0.5, 0.6])

    run(world, record)

    folder = world.folder.trial(record.number)
    assert world.study.trials()[record.number].looks == {4: 0.5, 12: 0.6}
    assert [row["step"] for row in read_history(folder)] == [4, 12]
    assert step_of(folder / SCORED) == 6  # what its optimizer has made
    (started,) = world.channel.told("trial_started")
    assert (started["step"], started["top_step"]) == (0, 12)
    shown = [event["step"] for event in world.channel.told("progress")]
    assert shown == [2, 4, 6, 8, 10, 12]


def test_a_trial_of_larger_batches_goes_on_where_it_was(
    make_world: MakeWorld, pretend_training: Pretend
) -> None:
    world = make_world(
        SMALL.replace("batch_size: 8", "batch_size: 16"), plan=RungPlan((4, 12), 2, 8)
    )
    record = world.begin()
    pretend_training([0.5, 0.6])
    world.channel.stop_when = lambda: bool(world.channel.told("look"))

    with pytest.raises(Interrupted):
        run(world, record)
    world.channel.stop_when = lambda: False
    run(world, world.study.trials()[record.number])

    assert step_of(world.folder.trial(record.number) / SCORED) == 6
    assert [event["step"] for event in world.channel.told("trial_started")] == [0, 6]
    assert world.study.trials()[record.number].looks == {4: 0.5, 12: 0.6}
