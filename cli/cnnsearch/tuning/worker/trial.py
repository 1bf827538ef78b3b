"""One trial: a candidate trained from rung to rung and scored at each, until it is pruned."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path

from cnnsearch.errors import disk_is_full
from cnnsearch.records.files import write_json
from cnnsearch.records.history import append_history
from cnnsearch.records.trial import State, TrialRecord
from cnnsearch.tuning.worker.checkpoint import (
    BEST,
    LATEST,
    SCORED,
    link_checkpoint,
    load_checkpoint,
    save_checkpoint,
)
from cnnsearch.tuning.worker.hypermodel import CandidateModel
from cnnsearch.tuning.worker.interrupted import DiskFull, Interrupted
from cnnsearch.tuning.worker.latency import OverLimit, keep_to_latency_limits
from cnnsearch.tuning.worker.oracle import StudyOracle
from cnnsearch.tuning.worker.outcome import Outcome
from cnnsearch.tuning.worker.race import Verdict
from cnnsearch.tuning.worker.run import Run
from cnnsearch.tuning.worker.training import Diverged, Training, out_of_memory

ENDS: Mapping[str, State] = {"complete": "complete", "pruned": "pruned", "paused": "paused"}
SAVE_EVERY_S = 15.0  # what a killed worker loses at most, where a rung takes longer
SAVING_SHARE = 0.05  # of the time, at most: where saving takes long, it comes less often


class TrialTraining:
    """Trains the candidate of one trial and tells the oracle what it scored."""

    def __init__(
        self, run: Run, record: TrialRecord, oracle: StudyOracle, hypermodel: CandidateModel
    ) -> None:
        self._run = run
        self._record = record
        self._oracle = oracle
        self._hypermodel = hypermodel
        self._folder = run.folder.trial(record.number)
        self._verdict: Verdict = "goes on"
        self._attempts = record.attempts
        self._started = time.monotonic()
        self._save_due = self._started + SAVE_EVERY_S
        self._inherited_step: int | None = None  # where the parent was scored, and this one is not

    def run(self) -> Outcome:
        """Train until the trial is complete, pruned or the search is over, and return how it ended.

        A network that is found to be over a measured limit is not trained.

        Raises:
            Interrupted: The worker was asked to stop; the state is saved.
            DiskFull: Nothing can be saved any more.
        """
        training: Training | None = None
        try:
            training = self._prepare()
            training.seconds["build"] = time.monotonic() - self._started
            keep_to_latency_limits(self._run, self._record, self._hypermodel)
            return self._train(training)
        except OverLimit as error:
            return self._outcome("over_limit", training, str(error))
        except Diverged as error:
            return self._outcome("diverged", training, str(error))
        except Interrupted:
            raise
        except Exception as error:
            if isinstance(error, OSError) and disk_is_full(error):
                raise DiskFull from error
            traceback.print_exc()  # to worker.log: the message alone may not tell where
            return self._outcome(
                "out_of_memory" if out_of_memory(error) else "error", training, _first_line(error)
            )

    def _prepare(self) -> Training:
        """Build the model, with the state of the last checkpoint if there is one."""
        candidate = self._hypermodel.candidate(self._record.settings)
        batch_size = self._hypermodel.batch_size(self._record)
        model = self._hypermodel.for_search(candidate, batch_size)
        self._folder.mkdir(parents=True, exist_ok=True)
        write_json(
            self._folder / "architecture.json", self._hypermodel.architecture(candidate).to_json()
        )
        training = Training(
            model,
            candidate,
            self._run.dataset,
            batch_size=batch_size,
            step=0,
            pace=self._hypermodel.pace(self._record),
            seed=self._record.number,
        )
        training.step = self._restore(training)
        self._run.channel.send(
            "trial_started",
            trial=self._record.number,
            parameters=self._record.parameters,
            macs=self._record.macs,
            settings=dict(self._record.settings),
            step=training.plan_step,
            top_step=self._run.plan.full_training,
            parent=self._record.parent,
        )
        return training

    def _restore(self, training: Training) -> int:
        """Put the latest sound state into `training`; return its step, 0 where there is none.

        That is the trial's last state or its best look's, or that of the parent it begins with.
        """
        states = [path for path in self._states() if path.exists()]
        for index, path in enumerate(states):
            try:
                step = load_checkpoint(path, training.state)
            except ValueError as error:
                left = index + 1 < len(states)
                words = "goes on from an earlier state" if left else "begins again"
                self._run.warn(f"{error}; trial {self._record.number} {words}")
                continue
            if path.parent != self._folder:
                self._inherited_step = training.pace.counted(step)
            return step
        if self._record.parent is not None and not states:
            words = f"the weights of trial {self._record.parent} are gone"
            self._run.warn(f"{words}; trial {self._record.number} begins at step 0")
        return 0

    def _states(self) -> Iterator[Path]:
        yield self._folder / LATEST
        yield self._folder / BEST
        if self._record.parent is not None:
            yield self._run.folder.trial(self._record.parent) / BEST

    def _train(self, training: Training) -> Outcome:
        before = time.monotonic()

        def on_batch(logs: Mapping[str, float]) -> bool:
            self._show(training, logs, before)
            if time.monotonic() > self._save_due:
                training.count_time()
                self._save(training)
            over = self._oracle.ending.at_once() or self._is_overdue()
            return not self._run.channel.stop_requested and not over

        def on_unit(logs: Mapping[str, float]) -> bool:
            if self._run.plan.looks_at(training.plan_step):
                self._look(training, logs)
            return self._verdict == "goes on"

        if self._is_due_for_a_look(training.plan_step):
            self._look(training, {})
        if self._verdict == "goes on":
            training.fit(
                training.pace.steps(self._run.plan.top), on_batch=on_batch, on_unit=on_unit
            )
        return self._end(training)

    def _is_due_for_a_look(self, step: int) -> bool:
        """Tell whether a trial taken up where it is scored was stopped, or killed, before that."""
        is_look = self._run.plan.looks_at(step) and step != self._inherited_step
        return is_look and step not in self._record.looks

    def _end(self, training: Training) -> Outcome:
        if self._verdict in ENDS:
            return self._outcome(ENDS[self._verdict], training, None)
        if self._run.channel.stop_requested:
            self._save(training)
            self._run.study.note(self._record.number, attempts=self._attempts - 1)
            raise Interrupted
        if self._is_worth_a_last_look(training):
            self._look(training, {}, is_last=True)
        self._save(training)  # if this trial has won, its training goes on from here
        over = self._oracle.ending.at_once()
        if over is None and self._is_overdue():
            return self._outcome("timed_out", training, "it took longer than `budget.trial_time`")
        return self._outcome("stopped", training, over)

    def _is_worth_a_last_look(self, training: Training) -> bool:
        """Tell whether to score a trial that the end of the search cuts short.

        What became of the best one is seen when it is annealed; of no other, if not here.
        """
        best, step = self._run.study.best(), training.plan_step
        if best is None:
            return True
        if not self._run.budget.ends_by_time or step in self._record_now().looks:
            return False
        budget, costs = self._oracle.ending.budget, training.costs()
        if costs and costs.evaluate_s > budget.finish_until_s - self._run.clock.elapsed_s():
            return False
        if best.number == self._record.number:
            return not budget.needs.anneals
        return 2 * step >= best.scored_step

    def _record_now(self) -> TrialRecord:
        return self._run.study.trials()[self._record.number]

    def _is_overdue(self) -> bool:
        limit_s = self._run.budget.trial_time_s
        return limit_s is not None and self._total_s() >= limit_s

    def _look(
        self, training: Training, logs: Mapping[str, float], *, is_last: bool = False
    ) -> None:
        """Score the averaged weights, save what was scored, and hear the verdict."""
        dataset, step = self._run.dataset, training.plan_step
        with training.averaged():
            scores = training.evaluate(dataset.x_validation, dataset.y_validation)
            value = self._finite(scores, step)
            is_best = self._is_best(value, step)
            if is_best:
                save_checkpoint(self._folder / SCORED, training.model.variables, training.step)
        if is_best:  # if this trial wins and gets worse from here, it is annealed from here
            save_checkpoint(self._folder / BEST, training.state, training.step)
        self._verdict = self._oracle.verdict(
            self._record.number,
            step,
            value,
            self._total_s(),
            training.costs(),
            is_last=is_last,
        )
        if self._verdict in ("goes on", "paused"):
            self._save(training, is_best=is_best)
        append_history(self._folder, step, logs, scores)
        self._run.channel.send(
            "look",
            trial=self._record.number,
            step=step,
            value=value,
            verdict=self._verdict,
        )

    def _is_best(self, value: float, step: int) -> bool:
        """Compare with the looks before `step`: a trial may have been there before a crash."""
        before = [other for at, other in self._record_now().looks.items() if at < step]
        if not before:
            return True
        return value > max(before) if self._run.study.maximize else value < min(before)

    def _finite(self, scores: Mapping[str, float], step: int) -> float:
        """Return the score that the search is after; no later one can be compared with NaN."""
        name = self._run.metric.removeprefix("val_")
        if not math.isfinite(scores[name]):
            raise Diverged(f"the validation {name} became {scores[name]} by step {step}")
        return scores[name]

    def _save(self, training: Training, *, is_best: bool = False) -> None:
        """Save all state; after the best look it is on the disk already."""
        began = time.monotonic()
        if is_best:
            link_checkpoint(self._folder / BEST, self._folder / LATEST)
        else:
            save_checkpoint(self._folder / LATEST, training.state, training.step)
        ended = time.monotonic()
        self._save_due = ended + max(SAVE_EVERY_S, (ended - began) / SAVING_SHARE)
        self._run.study.note(self._record.number, before=self._seconds(training))
        if self._attempts > 1:  # it came further: only deaths in a row count
            self._attempts = 1
            self._run.study.note(self._record.number, attempts=1)
        self._run.channel.send("saved", trial=self._record.number, step=training.plan_step)

    def _show(self, training: Training, logs: Mapping[str, float], before: float) -> None:
        if not self._run.channel.progress_is_due():
            return
        step = training.plan_step
        self._run.channel.send(
            "progress",
            trial=self._record.number,
            step=step,
            next_look=self._run.plan.next_look(step),
            top_step=self._run.plan.full_training,
            images_per_s=round(training.images / max(1e-9, time.monotonic() - before)),
            **{key: round(float(value), 4) for key, value in logs.items()},
        )

    def _total_s(self) -> float:
        """Return the seconds spent on the trial, those before it was taken up included."""
        return self._record.seconds.get("total", 0.0) + time.monotonic() - self._started

    def _outcome(self, state: State, training: Training | None, message: str | None) -> Outcome:
        step = training.plan_step if training else 0
        return Outcome(state, self._seconds(training), message, step)

    def _seconds(self, training: Training | None) -> dict[str, float]:
        """Return what the trial has taken so far, that before it was taken up included."""
        before, own = self._record.seconds, training.seconds if training else {}
        seconds = {**before, **own, "total": self._total_s()}
        for name in before.keys() & own.keys() & {"fit", "evaluate"}:
            seconds[name] = before[name] + own[name]
        if training and training.images:
            seconds["image"] = own["fit"] / training.images
        return seconds


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or ["no message"]
    return f"{type(error).__name__}: {lines[0]}"
