"""KerasTuner's Tuner with a `run_trial` of our own: train rung by rung, score, save, prune."""

from __future__ import annotations

import gc
import math
from itertools import islice
from typing import Any

import keras
import keras_tuner
from keras_tuner import errors
from keras_tuner.engine import trial as trial_module

from cnnsearch.records.dominance import crowding_distances
from cnnsearch.records.trial import FAILURES, TrialRecord
from cnnsearch.tuning.worker.checkpoint import BEST, LATEST, SCORED
from cnnsearch.tuning.worker.halving import halve_batch
from cnnsearch.tuning.worker.hypermodel import CandidateModel
from cnnsearch.tuning.worker.interrupted import MemoryGrown
from cnnsearch.tuning.worker.memory import MemoryWatch
from cnnsearch.tuning.worker.oracle import StudyOracle
from cnnsearch.tuning.worker.outcome import Outcome
from cnnsearch.tuning.worker.run import Run
from cnnsearch.tuning.worker.trial import TrialTraining

GO_ON_FROM_THERE = ("paused", "stopped", "timed_out")  # in the search, or finished if they win
KEPT_CHECKPOINTS = 16  # of the front; with one objective that is the best trial alone


class SearchTuner(keras_tuner.Tuner):
    """Runs trials until the oracle says that it is enough."""

    def __init__(self, run: Run, oracle: StudyOracle, hypermodel: CandidateModel) -> None:
        super().__init__(oracle, hypermodel, directory=str(run.folder.path), project_name="trials")
        self._run = run
        self._memory = MemoryWatch()
        self._saved = {int(path.name) for path in (run.folder.path / "trials").glob("[0-9]*")}

    def _populate_initial_space(self) -> None:
        """Skip KerasTuner's trial builds: our search space is known before any model."""

    def save(self) -> None:
        """Do nothing: the study is saved with every change."""

    def run_trial(self, trial: trial_module.Trial, *args: Any, **kwargs: Any) -> dict[str, float]:
        """Train one candidate as far as pruning lets it go, and return its best score.

        Raises:
            Interrupted: The worker was asked to stop; the state is saved.
            keras_tuner.errors.FailedTrialError: The trial failed; the oracle has the reason.
        """
        record = self._record(trial)
        outcome = self._attempt(record)
        if outcome.state == "out_of_memory" and record.batch_size is None:
            halve_batch(record, self._run)
            self._run.study.note(record.number, before=outcome.seconds)
            outcome = self._attempt(self._record(trial))
        self.oracle.conclude(trial.trial_id, outcome)
        if outcome.state in FAILURES:
            raise errors.FailedTrialError(outcome.message)
        score = self._record(trial).value
        return {self.oracle.objective.name: math.nan if score is None else score}

    def on_trial_end(self, trial: trial_module.Trial) -> None:
        """Record the outcome, drop what cannot win any more, and free the memory.

        Raises:
            MemoryGrown: The process should be replaced.
        """
        super().on_trial_end(trial)
        if self._record(trial).state not in GO_ON_FROM_THERE:
            (self._run.folder.trial(int(trial.trial_id)) / LATEST).unlink(missing_ok=True)
        self._drop_checkpoints(int(trial.trial_id))
        keras.backend.clear_session(free_memory=False)
        gc.collect()
        gc.freeze()  # what is left is the history, which grows: the next collection passes it over
        if self._memory.has_grown():
            raise MemoryGrown

    def _record(self, trial: trial_module.Trial) -> TrialRecord:
        record: TrialRecord = self._run.study.trials()[int(trial.trial_id)]
        return record

    def _attempt(self, record: TrialRecord) -> Outcome:
        self._run.channel.send("trial_taken", trial=record.number)  # building it may hang, or kill
        return TrialTraining(self._run, record, self.oracle, self.hypermodel).run()

    def _drop_checkpoints(self, ended: int) -> None:
        """Remove the checkpoints of trials that cannot win any more, or lie close to others."""
        unfinished = self._run.study.unfinished()  # first: one that ends and wins now is kept
        kept = unfinished | self._kept() | self._parents(unfinished)
        for number in (self._saved | {ended}) - kept:
            folder = self._run.folder.trial(number)
            for name in (LATEST, BEST, SCORED):
                (folder / name).unlink(missing_ok=True)
        self._saved = kept  # only these have files now

    def _parents(self, unfinished: set[int]) -> set[int]:
        """Return the trials that others begin with, or are to, though they cannot win themselves.

        Of those that have no heir yet the best alone is kept.
        """
        study = self._run.study
        best, history = study.best(), study.trials()
        if best is None or not self._run.budget.ends_by_time:
            return set()
        strangers = (
            trial.number
            for trial in self.oracle.race.better_strangers(best, history)
            if (self._run.folder.trial(trial.number) / BEST).exists()
        )
        parents = {history[number].parent for number in unfinished}
        return {*islice(strangers, 1), *(number for number in parents if number is not None)}

    def _kept(self) -> set[int]:
        """Return the trials of the front, without close neighbours where they are too many."""
        study = self._run.study
        front = {
            trial.number: study.point(trial)
            for trial in study.front()
            if (self._run.folder.trial(trial.number) / SCORED).exists()
        }
        while len(front) > KEPT_CHECKPOINTS:
            lonely = crowding_distances(list(front.values()))
            del front[min(zip(lonely, front, strict=True))[1]]
        return set(front)
