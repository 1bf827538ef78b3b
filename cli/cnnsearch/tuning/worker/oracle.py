"""KerasTuner's Oracle over our study: every question is answered from the durable record."""

from __future__ import annotations

from typing import Any

import keras_tuner
from keras_tuner.engine import trial as trial_module

from cnnsearch.records.claims import held
from cnnsearch.records.study import Study
from cnnsearch.records.trial import TrialRecord
from cnnsearch.tuning.needs import Costs
from cnnsearch.tuning.worker.challengers import Challengers
from cnnsearch.tuning.worker.ending import Ending
from cnnsearch.tuning.worker.hopeless import MOST_OVER_LIMIT, is_always_over_limit, refuse_hopeless
from cnnsearch.tuning.worker.interrupted import Interrupted
from cnnsearch.tuning.worker.orphans import adopt, given_up, is_orphan
from cnnsearch.tuning.worker.outcome import Outcome, record_outcome
from cnnsearch.tuning.worker.race import Race, Verdict
from cnnsearch.tuning.worker.run import Run


class StudyOracle(keras_tuner.Oracle):
    """Asks and tells the study; keeps no record of its own.

    KerasTuner's files are not written atomically and its failure counting ends runs, so its record
    keeping is replaced as a whole; what stays is the loop and its vocabulary.
    """

    def __init__(self, run: Run) -> None:
        super().__init__(
            objective=keras_tuner.Objective(run.metric, run.space.objectives[run.metric]),
            seed=run.space.search.seed or 1,
        )
        self._run = run
        self.ending = Ending(run)
        self.race = Race(run, self.ending)
        self._challengers = Challengers(run, self.race)
        self._outcomes: dict[str, Outcome] = {}

    @property
    def study(self) -> Study:
        return self._run.study

    def create_trial(self, tuner_id: str) -> trial_module.Trial:
        """Return the trial to run next: one whose worker died, or a new one.

        Raises:
            NothingFeasibleError: Not one candidate is within the limits.
            AllTrialsFailedError: The first trials all ended in the same failure.
        """
        with held(self._run.folder.proposing):  # no two workers take the same trial or candidate
            return self._next_trial()

    def _next_trial(self) -> trial_module.Trial:
        if self._run.channel.stop_requested:
            raise Interrupted
        history = self._run.study.trials()
        self.race.learn_from_others(history)
        refuse_hopeless(history)
        unfinished = [history[number] for number in sorted(self._run.study.unfinished())]
        for record in unfinished:
            if is_orphan(record, self._run):
                return self._take_up(record)
        leader = self._paused_leader(unfinished)
        if history and self._has_ended(history):
            return self._stopped(leader)
        if leader is not None and not self.race.challengers_are_due(leader, history):
            return self._go_on(leader)
        challenger = self._challengers.begin(history)
        if challenger is not None:
            return self._announce(challenger)
        return self._go_on(leader) if leader is not None else self._end_of_space(history)

    def conclude(self, trial_id: str, outcome: Outcome) -> None:
        """Keep how a trial ended until the loop records it."""
        self._outcomes[trial_id] = outcome

    def verdict(
        self,
        number: int,
        step: int,
        value: float,
        seconds: float = 0.0,
        costs: Costs | None = None,
        *,
        is_last: bool = False,
    ) -> Verdict:
        """Record a look, and tell whether the trial goes on or how it ends.

        Args:
            number: Of the trial.
            step: Steps of the plan so far.
            value: Validation score.
            seconds: Spent on the trial so far.
            costs: What its network takes, where that is known.
            is_last: Whether the trial ends here in any case.
        """
        self._run.study.report(number, step, value)
        self.ending.take_in(number, value, costs)
        over = self.ending.at_once()
        if is_last:
            return "stopped"
        if step >= self._run.plan.top:
            return "complete"
        if over:
            return "stopped"
        if self._run.space.search.pruning == "none":
            return "goes on"
        return self.race.judge(number, step, seconds)

    def update_trial(self, trial_id: str, metrics: dict[str, Any], step: int = 0) -> None:
        """Do nothing: `verdict` has recorded every look already."""

    def end_trial(self, trial: trial_module.Trial) -> None:
        """Record the trial's outcome."""
        self.trials.pop(trial.trial_id, None)  # the study has it; KerasTuner would keep it for ever
        outcome = self._outcomes.pop(trial.trial_id, None) or Outcome(
            "error", message=_last_line(trial.message)
        )
        self.race.learn(record_outcome(self._run, int(trial.trial_id), outcome))

    def save(self) -> None:
        """Do nothing: the study is saved with every change."""

    def reload(self) -> None:
        """Do nothing: the study is read where it is needed."""

    def _take_up(self, record: TrialRecord) -> trial_module.Trial:
        outcome = given_up(record) or self._cut_short(record)
        if outcome is not None:
            self._end(record, outcome)
            return self._next_trial()
        adopt(record, self._run)
        return self._announce(record)

    def _cut_short(self, record: TrialRecord) -> Outcome | None:
        """Return how a trial ends that the search has no time for, where another can win."""
        over = self.ending.at_once()
        is_cut = over is not None and self._run.study.best() is not None
        return Outcome("stopped", dict(record.seconds), over) if is_cut else None

    def _paused_leader(self, unfinished: list[TrialRecord]) -> TrialRecord | None:
        """Return the best trial if it waits; others that wait have been overtaken, and end."""
        best = self._run.study.best()
        leader = None
        for record in unfinished:
            if record.state != "paused":
                continue
            if best is not None and best.number == record.number:
                leader = record
            else:
                self._end(record, Outcome("pruned", dict(record.seconds)))
        return leader

    def _go_on(self, leader: TrialRecord) -> trial_module.Trial:
        """Let the best trial go on, unless the time left is no more than building it takes."""
        if not self.race.leaves_time_to_build():
            self.ending.note("time", "the time to search was over")
            return self._stopped(leader)
        self._run.study.note(leader.number, worker=self._run.worker)
        return self._announce(self._run.study.take_up(leader.number))

    def _stopped(self, leader: TrialRecord | None) -> trial_module.Trial:
        """End the search; a trial that waits is finished from there, if it wins."""
        if leader is not None:
            over = "the search was over"
            self._end(leader, Outcome("stopped", dict(leader.seconds), over))
        return _stopped()

    def _end(self, record: TrialRecord, outcome: Outcome) -> None:
        """Record the end of a trial that nobody trains."""
        self.race.learn(record_outcome(self._run, record.number, outcome))

    def _announce(self, record: TrialRecord) -> trial_module.Trial:
        trial = _trial(record)
        self.trials[trial.trial_id] = trial
        return trial

    def _has_ended(self, history: list[TrialRecord]) -> bool:
        """Tell whether no trial may begin; what was over a measured limit was not trained."""
        trained = len(history) - self._run.study.ended("over_limit")
        if self.ending.before_a_trial(trained):
            return True
        if is_always_over_limit(history):
            many = f"the last {MOST_OVER_LIMIT} candidates were all over a measured limit"
            self.ending.note("space", many)
            return True
        return False

    def _end_of_space(self, history: list[TrialRecord]) -> trial_module.Trial:
        if not history:
            raise self._challengers.proposals.nothing_feasible()
        if any(record.state == "running" for record in history):
            return _stopped()  # another worker's trial goes on until the time is over
        self.ending.note(*self._challengers.proposals.why_none_is_left())
        return _stopped()


def _trial(record: TrialRecord) -> trial_module.Trial:
    hyperparameters = keras_tuner.HyperParameters()
    hyperparameters.values = dict(record.settings)
    return trial_module.Trial(hyperparameters, trial_id=str(record.number), status="RUNNING")


def _stopped() -> trial_module.Trial:
    return trial_module.Trial(keras_tuner.HyperParameters(), trial_id="none", status="STOPPED")


def _last_line(traceback: str | None) -> str | None:
    lines = (traceback or "").strip().splitlines()
    return lines[-1] if lines else None
