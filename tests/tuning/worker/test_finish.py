"""The winner is trained on within its time, and what the search has scored is never lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.tuning.worker.conftest import MakeWorld, World

from cnnsearch.errors import AllTrialsFailedError, NothingFeasibleError, RunError
from cnnsearch.tuning.budget import USUAL, Budget
from cnnsearch.tuning.worker import finish as finish_module
from cnnsearch.tuning.worker.checkpoint import (
    BEST,
    FINISHED,
    LATEST,
    SCORED,
    Variable,
    load_checkpoint,
    save_checkpoint,
)
from cnnsearch.tuning.worker.finish import Finish
from cnnsearch.tuning.worker.interrupted import Interrupted
from cnnsearch.tuning.worker.training import Diverged, Training

Pretend = Callable[..., list[int]]
TIMED = Budget(time_s=100.0 + USUAL.after_s, trials=None, reserve=0.5)  # annealing ends at 100 s
CUT_AT = 9  # step at which the time of the search is over
CUT_AT_S = TIMED.search_until_s


def finish(world: World) -> Training:
    return Finish(world.run, world.hypermodel).run()


def annealing_rate(training: Training) -> float:
    return float(training.model.optimizer.learning_rate)


def test_the_best_trial_is_trained_on_from_what_was_scored(
    world: World, pretend_training: Pretend
) -> None:
    world.scored_trial(0.5)
    world.scored_trial(0.8, step=4)
    world.scored_trial(0.6)
    pretend_training([0.9])

    training = finish(world)

    assert world.study.facts()["winner"] == {
        "trial": 1,
        "value": 0.9,
        "steps": 4 + world.plan.top,
        "annealed_steps": world.plan.top,
        "checkpoint": FINISHED,
    }
    assert training.step == 4 + world.plan.top
    assert world.channel.told("finished") == [
        {
            "event": "finished",
            "trial": 1,
            "value": 0.9,
            "started_from": 0.8,
            "scored_step": 4,
            "step": 4 + world.plan.top,
            "annealed_steps": world.plan.top,
            "anneals": True,
        }
    ]


@pytest.fixture
def cut_off(make_world: MakeWorld, pretend_training: Pretend) -> Callable[..., World]:
    """Return a function that makes a run whose time ended at step 9 of a trial, after a look at 4.

    The looks are scored as told: at 4, where the search left it, and after the annealing.
    """

    def cut_off(*scores: float) -> World:
        world = make_world(budget=TIMED)

        def time_passes(training: Training) -> None:
            world.clock.now += 1.001 * CUT_AT_S / CUT_AT

        pretend_training(scores, at_step=time_passes)
        record = world.begin()
        outcome = world.trial_training(record).run()
        world.study.end_trial(record.number, outcome.state, seconds={})
        return world

    return cut_off


def test_a_winner_that_got_better_after_its_last_look_goes_on_from_there(
    cut_off: Callable[..., World],
) -> None:
    world = cut_off(0.8, 0.85, 0.9)

    finish(world)

    winner = world.study.facts()["winner"]
    assert (winner["value"], winner["checkpoint"]) == (0.9, FINISHED)
    assert winner["steps"] - winner["annealed_steps"] == CUT_AT


def test_a_winner_that_got_worse_after_its_best_look_goes_on_from_that(
    cut_off: Callable[..., World],
) -> None:
    world = cut_off(0.8, 0.75, 0.9)

    finish(world)

    winner = world.study.facts()["winner"]
    assert (winner["value"], winner["checkpoint"]) == (0.9, FINISHED)
    assert winner["steps"] - winner["annealed_steps"] == 4


def test_where_the_search_left_the_winner_counts_even_if_annealing_makes_it_worse(
    cut_off: Callable[..., World],
) -> None:
    world = cut_off(0.8, 0.85, 0.7)

    training = finish(world)

    winner = world.study.facts()["winner"]
    assert (winner["value"], winner["steps"], winner["annealed_steps"]) == (0.85, CUT_AT, 0)
    assert (winner["checkpoint"], training.step) == (FINISHED, CUT_AT)


@pytest.mark.parametrize(
    ("left_at", "value", "checkpoint"), [(0.85, 0.85, FINISHED), (0.7, 0.8, SCORED)]
)
def test_where_nothing_is_to_be_annealed_the_winner_is_looked_at_where_the_search_left_it(
    cut_off: Callable[..., World],
    monkeypatch: pytest.MonkeyPatch,
    left_at: float,
    value: float,
    checkpoint: str,
) -> None:
    needs = replace(USUAL, longest_s=0.0)
    monkeypatch.setattr(finish_module, "learned_budget", lambda run: run.budget.with_needs(needs))
    world = cut_off(0.8, left_at)

    finish(world)

    winner = world.study.facts()["winner"]
    assert (winner["value"], winner["checkpoint"]) == (value, checkpoint)
    assert winner["annealed_steps"] == 0
    assert [phase["anneals"] for phase in world.channel.told("phase")] == [False]


def test_where_nothing_is_to_be_annealed_and_all_was_looked_at_no_network_is_built_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = replace(USUAL, longest_s=0.0)
    monkeypatch.setattr(finish_module, "learned_budget", lambda run: run.budget.with_needs(needs))
    tried = []
    monkeypatch.setattr(Finish, "_train_on", lambda *args: tried.append(args))
    record = world.scored_trial(0.8, step=4)

    finish(world)
    world.study.note_study(winner=None)
    training = world.training(step=4)
    save_checkpoint(world.folder.trial(record.number) / LATEST, training.state, training.step)
    finish(world)

    assert tried == []
    save_checkpoint(world.folder.trial(record.number) / LATEST, training.state, 6)
    world.study.note_study(winner=None)
    finish(world)
    assert len(tried) == 1


def test_a_winner_goes_on_with_the_momentum_of_its_best_look(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = world.begin()
    outcome = world.trial_training(record).run()
    world.study.end_trial(record.number, outcome.state, seconds={})
    (world.folder.trial(record.number) / LATEST).unlink()  # as the search does with a complete one
    loaded: list[Path] = []

    def load(path: Path, variables: Sequence[Variable]) -> int:
        loaded.append(path)
        return load_checkpoint(path, variables)

    monkeypatch.setattr(finish_module, "load_checkpoint", load)

    finish(world)

    assert loaded[0].name == BEST


@pytest.mark.parametrize("score", [0.8, 0.7])
def test_an_annealing_that_made_it_no_better_is_not_kept(
    world: World, pretend_training: Pretend, score: float
) -> None:
    record = world.scored_trial(0.8, step=4)
    pretend_training([score])

    training = finish(world)

    winner = world.study.facts()["winner"]
    assert (winner["value"], winner["steps"], winner["annealed_steps"]) == (0.8, 4, 0)
    assert (winner["checkpoint"], training.step) == (SCORED, 4)
    assert not (world.folder.trial(record.number) / FINISHED).exists()


def test_where_a_loss_is_sought_less_is_better(
    make_world: MakeWorld, pretend_training: Pretend
) -> None:
    world = make_world(
        "architecture: {stages: {count: 1, width: {min: 2, max: 9}}}\nobjectives: {val_loss: min}\n"
    )
    world.scored_trial(0.8)
    pretend_training([0.7])

    finish(world)

    assert world.study.facts()["winner"]["value"] == 0.7


def test_an_annealing_that_diverges_costs_nothing_but_its_time(
    world: World, pretend_training: Pretend
) -> None:
    def diverge(training: Training) -> None:
        raise Diverged("the training loss became nan by step 5")

    world.scored_trial(0.8, step=4)
    pretend_training(at_step=diverge)

    training = finish(world)

    assert training.step == 4
    assert world.study.facts()["winner"]["value"] == 0.8


def test_an_annealing_that_fails_leaves_the_winner_and_says_so(
    world: World, pretend_training: Pretend
) -> None:
    def fail(training: Training) -> None:
        raise MemoryError

    world.scored_trial(0.8, step=4)
    pretend_training(at_step=fail)

    finish(world)

    assert world.study.facts()["winner"]["value"] == 0.8
    (warning,) = world.channel.told("warning")
    assert warning["message"] == "finishing the winner failed: MemoryError; it stays as scored"


def test_the_time_left_decides_how_far_the_annealing_has_come(
    make_world: MakeWorld, pretend_training: Pretend
) -> None:
    world = make_world(budget=TIMED)
    world.scored_trial(0.8, step=4)
    world.clock.now = TIMED.search_until_s
    left_s = 100.0 - world.clock.now
    rates = []

    def pass_time(training: Training) -> None:
        rates.append(annealing_rate(training))
        world.clock.now += 10.0

    pretend_training([0.9], at_step=pass_time)

    finish(world)

    winner = world.study.facts()["winner"]
    assert winner["annealed_steps"] == 5
    assert rates[1:] == sorted(rates[1:], reverse=True)
    peak = 1e-2 * (8 / 128) ** 0.5  # batches of 8
    assert rates[1] == pytest.approx((1 - 10 / left_s) * peak, rel=1e-5)
    assert [event["of_step"] for event in world.channel.told("finish_progress")] == [5] * 5


@pytest.mark.parametrize(("reason", "steps"), [("target", 5), ("time", 5), ("trials", 8)])
def test_a_search_that_was_content_early_is_finished_within_the_reserve(
    make_world: MakeWorld, pretend_training: Pretend, reason: str, steps: int
) -> None:
    world = make_world(budget=TIMED)
    world.scored_trial(0.8)
    world.study.note_study(search_ended={"reason": reason, "message": "", "elapsed_s": 20.0})
    world.clock.now = 20.0  # of 100 s; the reserve's annealing is as long as 4 steps and a half

    def time_passes(training: Training) -> None:
        world.clock.now += 10.0

    pretend_training([0.9], at_step=time_passes)
    finish(world)

    assert world.study.facts()["winner"]["annealed_steps"] == steps


def test_a_winner_without_time_is_what_the_search_scored(
    make_world: MakeWorld, pretend_training: Pretend
) -> None:
    world = make_world(budget=TIMED)
    world.scored_trial(0.8, step=4)
    world.clock.now = 100.0 - USUAL.before_s
    begun = pretend_training()

    training = finish(world)

    assert begun == []
    assert training.step == 4
    assert world.study.facts()["winner"]["annealed_steps"] == 0


def test_a_worker_asked_to_stop_anneals_again_when_resumed(
    world: World, pretend_training: Pretend
) -> None:
    world.scored_trial(0.8, step=4)
    pretend_training([0.9])
    world.channel.stop_when = lambda: len(world.channel.told("finish_progress")) == 3

    with pytest.raises(Interrupted):
        finish(world)
    interrupted = dict(world.study.facts())
    training = finish(world)

    assert "winner" not in interrupted
    assert training.step == 4 + world.plan.top


def test_a_winner_that_is_finished_is_not_trained_again(
    world: World, pretend_training: Pretend
) -> None:
    world.scored_trial(0.8, step=4)
    begun = pretend_training([0.9])
    first = finish(world)

    second = finish(world)

    assert len(begun) == 1
    assert second.step == first.step
    for weights, again in zip(first.model.weights, second.model.weights, strict=True):
        np.testing.assert_array_equal(weights.numpy(), again.numpy())


def test_the_winner_keeps_the_batch_size_that_it_could_be_trained_with(
    world: World, pretend_training: Pretend
) -> None:
    record = world.begin()
    world.scored_trial(0.5)
    begun = pretend_training([0.8, 0.8, 0.9])
    world.study.note(record.number, batch_size=4)
    world.trial_training(world.study.trials()[0]).run()
    world.study.end_trial(record.number, "complete", seconds={})

    finish(world)

    assert begun == [4, 4]


def test_of_equal_looks_the_first_is_the_one_whose_weights_were_kept(
    world: World, pretend_training: Pretend
) -> None:
    record = world.begin()
    pretend_training([0.8, 0.8, 0.1])
    world.trial_training(record).run()
    world.study.end_trial(record.number, "complete", seconds={})

    training = finish(world)

    assert training.step == 4
    assert world.study.facts()["winner"]["steps"] == 4


def cut(path: Path) -> None:
    """Leave half of a file, as a power failure may."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_damaged_last_state_of_the_winner_costs_the_steps_since_its_best_look(
    world: World, pretend_training: Pretend
) -> None:
    folder = world.folder.trial(world.scored_trial(0.8, step=4).number)
    (folder / LATEST).write_bytes((folder / SCORED).read_bytes())
    cut(folder / LATEST)
    pretend_training([0.9])

    finish(world)

    winner = world.study.facts()["winner"]
    assert (winner["value"], winner["steps"] - winner["annealed_steps"]) == (0.9, 4)
    assert [event["message"] for event in world.channel.told("warning")] == [
        f"{folder / LATEST} is damaged; the winner goes on from its best look"
    ]


def test_a_damaged_finished_winner_is_finished_again(
    world: World, pretend_training: Pretend
) -> None:
    folder = world.folder.trial(world.scored_trial(0.8, step=4).number)
    pretend_training([0.9, 0.9])
    finish(world)
    cut(folder / FINISHED)

    training = finish(world)

    assert training.step == world.study.facts()["winner"]["steps"] > 4
    assert [event["message"] for event in world.channel.told("warning")] == [
        f"{folder / FINISHED} is damaged; the winner is finished again"
    ]


def test_a_figure_of_a_winner_that_was_damaged_is_not_another_ones(
    world: World, pretend_training: Pretend
) -> None:
    folder = world.folder.trial(world.scored_trial(0.8, step=4).number)
    pretend_training([0.9, 0.95])
    finish(world)
    world.study.note_study(tested={"correct": 8, "count": 10})
    world.folder.test_predictions.write_bytes(b"of the damaged one")
    cut(folder / FINISHED)

    finish(world)

    assert world.study.facts()["tested"] is None
    assert not world.folder.test_predictions.exists()
    assert "finished again, and tested again" in world.channel.told("warning")[0]["message"]


@pytest.mark.parametrize("tested", [None, {"correct": 8, "count": 10}])
def test_predictions_of_a_damaged_winner_go_before_anything_is_noted(
    world: World,
    pretend_training: Pretend,
    monkeypatch: pytest.MonkeyPatch,
    tested: dict[str, int] | None,
) -> None:
    folder = world.folder.trial(world.scored_trial(0.8, step=4).number)
    pretend_training([0.9, 0.95])
    finish(world)
    world.study.note_study(tested=tested)
    world.folder.test_predictions.write_bytes(b"of the damaged one")
    cut(folder / FINISHED)
    there: list[bool] = []
    note = world.study.note_study

    def noted(**facts: Any) -> None:  # a kill may come right after
        there.append(world.folder.test_predictions.exists())
        note(**facts)

    monkeypatch.setattr(world.study, "note_study", noted)
    finish(world)

    assert there
    assert not any(there)


def test_a_winner_whose_only_weights_are_damaged_is_told_of_by_file(world: World) -> None:
    path = world.folder.trial(world.scored_trial(0.8, step=4).number) / SCORED
    cut(path)

    with pytest.raises(RunError) as caught:
        finish(world)

    assert str(caught.value).startswith(f"{path} cannot be read: ")
    assert "the winner's weights are lost with it: start a new run" in str(caught.value)


@pytest.mark.parametrize(
    ("state", "message"), [("diverged", "the loss became nan"), ("out_of_memory", "OOM")]
)
def test_where_no_trial_has_a_score_the_run_ends_with_the_last_reason(
    world: World, state: str, message: str
) -> None:
    world.study.end_trial(world.begin().number, state, seconds={}, message=message)  # type: ignore[arg-type]

    with pytest.raises(AllTrialsFailedError) as caught:
        finish(world)

    assert str(caught.value) == (
        f"no trial has a score; the last one ended as {state.replace('_', ' ')}: {message}"
    )


def test_where_every_network_was_over_a_measured_limit_that_is_the_reason(world: World) -> None:
    for amount in ("9 ms", "7.25 ms"):
        message = f"latency {amount} > 5 ms"
        world.study.end_trial(world.begin().number, "over_limit", seconds={}, message=message)

    with pytest.raises(NothingFeasibleError) as caught:
        finish(world)

    assert str(caught.value) == (
        "no candidate of 2 is within the measured limits; the last one: latency 7.25 ms > 5 ms. "
        "Loosen `constraints` or widen the space"
    )
