"""The winner's last training: on from its checkpoint, with the learning rate annealed to zero."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnnsearch.errors import (
    AllTrialsFailedError,
    CnnsearchError,
    NothingFeasibleError,
    RunError,
)
from cnnsearch.records.history import append_history
from cnnsearch.records.trial import TrialRecord
from cnnsearch.tuning.worker.checkpoint import (
    BEST,
    FINISHED,
    LATEST,
    SCORED,
    is_sound,
    load_checkpoint,
    save_checkpoint,
    saved_step,
)
from cnnsearch.tuning.worker.ending import learned_budget
from cnnsearch.tuning.worker.hypermodel import CandidateModel, peak_rate
from cnnsearch.tuning.worker.interrupted import Interrupted
from cnnsearch.tuning.worker.run import Run
from cnnsearch.tuning.worker.schedules import Annealing
from cnnsearch.tuning.worker.training import Diverged, Training


class Finish:
    """Finishes the winner of a search within the time reserved for it."""

    def __init__(self, run: Run, hypermodel: CandidateModel) -> None:
        self._run = run
        self._budget = learned_budget(run)
        self._hypermodel = hypermodel

    def run(self) -> Training:
        """Return the winner with its best weights; what they are is noted in the study as `winner`.

        Raises:
            AllTrialsFailedError: No trial has a score.
            NothingFeasibleError: None was within the measured limits.
            Interrupted: The worker was asked to stop; resuming starts the annealing again.
        """
        record = self._run.study.best()
        if record is None:
            raise _why_no_score(self._run.study.trials())
        winner = self._run.study.facts().get("winner")
        if winner is None or not self._is_sound(winner):
            winner = self._anneal(record)
        return self._restore(self._run.study.trials()[winner["trial"]], winner["checkpoint"])

    def _is_sound(self, winner: dict[str, Any]) -> bool:
        """Tell whether what an earlier session has finished can be read; if not, remove it."""
        path = self._run.folder.trial(winner["trial"]) / winner["checkpoint"]
        if winner["checkpoint"] != FINISHED or is_sound(path):
            return True
        path.unlink(missing_ok=True)
        again = "finished again"
        # What was tested is no more. Its predictions go first: who is killed in between comes here
        # again, and predictions that the study does not know of would be taken for the next one's.
        self._run.folder.test_predictions.unlink(missing_ok=True)
        if self._run.study.facts().get("tested"):
            self._run.study.note_study(tested=None)
            again += ", and tested again"
        self._run.warn(f"{path} is damaged; the winner is {again}")
        return False

    def _anneal(self, record: TrialRecord) -> dict[str, Any]:
        winner = {
            "trial": record.number,
            "value": record.value,
            "steps": record.scored_step,
            "annealed_steps": 0,
            "checkpoint": SCORED,
        }
        needs = self._budget.needs
        has_time = self._seconds_left() > needs.before_s
        if has_time and (needs.anneals or self._has_gone_on(record)):
            self._run.channel.send(
                "phase", phase="finish", trial=record.number, anneals=needs.anneals
            )
            self._try_to_anneal(record, winner)
        self._run.study.note_study(winner=winner)
        self._run.channel.send(
            "finished",
            trial=record.number,
            value=winner["value"],
            started_from=record.value,
            scored_step=record.scored_step,
            step=winner["steps"],
            annealed_steps=winner["annealed_steps"],
            anneals=needs.anneals,
        )
        return winner

    def _try_to_anneal(self, record: TrialRecord, winner: dict[str, Any]) -> None:
        """Anneal if that goes well: what the search has scored is there in any case."""
        try:
            self._train_on(record, winner)
        except (Interrupted, OSError):
            raise
        except Diverged:
            return
        except Exception as error:
            traceback.print_exc()  # to worker.log
            message = f"finishing the winner failed: {type(error).__name__}; it stays as scored"
            self._run.warn(message)

    def _train_on(self, record: TrialRecord, winner: dict[str, Any]) -> None:
        """Anneal where that is worth it; `winner` is changed by each state that scores better."""
        candidate = self._hypermodel.candidate(record.settings)
        batch_size = self._hypermodel.batch_size(record)
        annealing = Annealing(peak_rate(candidate.training, batch_size))
        training = self._training(record, annealing)
        self._set_out(training, record, winner)
        if self._budget.needs.anneals:
            start = training.plan_step
            self._train(training, annealing, record.number)
            self._score(training, winner, annealed_steps=training.plan_step - start)

    def _has_gone_on(self, record: TrialRecord) -> bool:
        """Tell whether the trial's last state has not been looked at: its worker died since."""
        path = self._run.folder.trial(record.number) / LATEST
        try:
            step = saved_step(path)
        except ValueError:  # damaged, or not there
            return False
        return self._hypermodel.pace(record).counted(step) not in record.looks

    def _set_out(self, training: Training, record: TrialRecord, winner: dict[str, Any]) -> None:
        """Put into `training` where the search left the trial, or its best look if that is better.

        A trial that has trained too long gets worse, and annealing it mends little of that.
        """
        folder = self._run.folder.trial(record.number)
        if self._load(folder / LATEST, training, "the winner goes on from its best look"):
            step = training.plan_step
            if step == winner["steps"]:
                return
            if step not in record.looks:
                with training.averaged():
                    better = self._score(training, winner, annealed_steps=0)
                if better:
                    return
        if not self._load(folder / BEST, training, "the winner goes on without its momentum"):
            training.step = load_checkpoint(folder / SCORED, training.model.variables)

    def _load(self, path: Path, training: Training, otherwise: str) -> bool:
        """Put the state of a checkpoint into `training`, if it is there and sound."""
        if not path.exists():
            return False
        try:
            training.step = load_checkpoint(path, training.state)
        except ValueError:
            path.unlink()
            self._run.warn(f"{path} is damaged; {otherwise}")
            return False
        return True

    def _score(self, training: Training, winner: dict[str, Any], *, annealed_steps: int) -> bool:
        """Look at the network as it is; if it is better than the winner so far, it is that now."""
        dataset, folder = self._run.dataset, self._run.folder.trial(winner["trial"])
        scores = training.evaluate(dataset.x_validation, dataset.y_validation)
        step = training.plan_step
        append_history(folder, step, {}, scores)
        value = scores[self._run.metric.removeprefix("val_")]
        if not self._is_better(value, winner["value"]):
            return False
        save_checkpoint(folder / FINISHED, training.model.variables, training.step)
        winner |= {
            "value": value,
            "steps": step,
            "annealed_steps": annealed_steps,
            "checkpoint": FINISHED,
        }
        return True

    def _train(self, training: Training, annealing: Annealing, number: int) -> None:
        """Anneal until the time is up, but no longer than a whole trial trains.

        Where a search has ended before its time it is finished within the reserve, unless all the
        trials that were asked for are made.
        """
        start, began_s = training.step, self._run.clock.elapsed_s()
        most = training.pace.steps(self._run.plan.top)
        seconds = max(1e-3, self._seconds_left())
        if (self._run.study.facts().get("search_ended") or {}).get("reason") != "trials":
            seconds = min(seconds, self._budget.annealing_s)

        def on_batch(logs: Mapping[str, float]) -> bool:
            steps = (training.step - start) / most
            done = max(steps, (self._run.clock.elapsed_s() - began_s) / seconds)
            annealing.done.assign(min(done, 1.0))
            self._show(training.pace.counted(training.step - start), done, number, logs)
            return done < 1 and not self._run.channel.stop_requested

        training.fit(start + most, on_batch=on_batch, on_unit=lambda logs: True)
        if self._run.channel.stop_requested:
            raise Interrupted

    def _show(self, step: int, done: float, number: int, logs: Mapping[str, float]) -> None:
        if self._run.channel.progress_is_due():
            self._run.channel.send(
                "finish_progress",
                trial=number,
                step=step,
                of_step=max(step, round(step / done)),
                **{key: round(float(value), 4) for key, value in logs.items()},
            )

    def _seconds_left(self) -> float:
        return self._budget.finish_until_s - self._run.clock.elapsed_s()

    def _restore(self, record: TrialRecord, checkpoint: str) -> Training:
        training = self._training(record, Annealing(peak=0.0))
        path = self._run.folder.trial(record.number) / checkpoint
        try:
            training.step = load_checkpoint(path, training.model.variables)
        except ValueError as error:
            raise RunError(
                f"{error}\nthe winner's weights are lost with it: start a new run; with the same "
                "space and seed, and as many trials, it finds the same winner"
            ) from None
        return training

    def _training(self, record: TrialRecord, rate: Annealing) -> Training:
        candidate = self._hypermodel.candidate(record.settings)
        return Training(
            self._hypermodel.compiled(candidate, rate),
            candidate,
            self._run.dataset,
            batch_size=self._hypermodel.batch_size(record),
            step=0,
            pace=self._hypermodel.pace(record),
            seed=record.number,
            averages=False,  # the annealed weights are scored as they are
        )

    def _is_better(self, value: float, than: float | None) -> bool:
        if than is None:
            return True
        return value > than if self._run.study.maximize else value < than


def _why_no_score(trials: list[TrialRecord]) -> CnnsearchError:
    last = trials[-1]
    if all(trial.state == "over_limit" for trial in trials):
        return NothingFeasibleError(
            f"no candidate of {len(trials):,} is within the measured limits; the last "
            f"one: {last.message}. Loosen `constraints` or widen the space"
        )
    ended = last.state.replace("_", " ")
    return AllTrialsFailedError(
        f"no trial has a score; the last one ended as {ended}: {last.message}"
    )
