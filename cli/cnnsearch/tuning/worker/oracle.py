"""KerasTuner's Oracle over our study: every question is answered from the durable record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras_tuner
from keras_tuner.engine import trial as trial_module

from cnnsearch.architecture.memory import traffic
from cnnsearch.records.claims import held, is_held
from cnnsearch.records.earlier import read_earlier_trials
from cnnsearch.records.study import Study
from cnnsearch.records.trial import State, TrialRecord
from cnnsearch.space import draw, replay
from cnnsearch.tuning.inheriting import heir_is_due
from cnnsearch.tuning.needs import Costs
from cnnsearch.tuning.proposals import Proposal, Proposals
from cnnsearch.tuning.worker.checkpoint import BEST
from cnnsearch.tuning.worker.ending import Ending
from cnnsearch.tuning.worker.hopeless import MOST_OVER_LIMIT, is_always_over_limit, refuse_hopeless
from cnnsearch.tuning.worker.interrupted import Interrupted
from cnnsearch.tuning.worker.race import Race, Verdict
from cnnsearch.tuning.worker.run import Run

MOST_ATTEMPTS = 2  # a trial whose worker died is taken up once more


@dataclass
class Outcome:
    """How a trial ended, before it is recorded."""

    state: State
    seconds: dict[str, float] = field(default_factory=dict)
    message: str | None = None


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
        history = run.study.trials()
        for record in history:
            self.race.learn(record)
        self._known = len(history)  # trials that were there when it last looked
        self._in_flight = {record.number for record in history if not record.finished}
        self._mine: set[int] = set()  # trials that it has learned from as they ended
        self._proposals = Proposals(
            run.space,
            run.dataset.shape,
            len(run.dataset.classes),
            too_slow=self.race.is_too_slow,
            earlier=read_earlier_trials(run.folder),
        )
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
        self._learn_from_others(history)
        refuse_hopeless(history)
        for record in history:
            if record.state == "running" and self._is_orphan(record):
                return self._take_up(record)
        leader = self._paused_leader(history)
        if history and self._has_ended(history):
            return self._stopped(leader)
        if leader is not None and not self.race.challengers_are_due(leader, history):
            return self._go_on(leader)
        challenger = self._challenger(history)
        if challenger is not None:
            return challenger
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
    ) -> Verdict:
        """Record a look, and tell whether the trial goes on or how it ends.

        Args:
            number: Of the trial.
            step: Steps of the plan so far.
            value: Validation score.
            seconds: Spent on the trial so far.
            costs: What its network takes, where that is known.
        """
        self._run.study.report(number, step, value)
        self.ending.take_in(number, value, costs)
        over = self.ending.at_once()
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
        number = int(trial.trial_id)
        if outcome.state == "paused":
            record = self._run.study.pause(number, seconds=outcome.seconds)
            self.race.learn(record)
            self._run.channel.send("trial_paused", trial=number, step=record.steps)
            return
        record = self._run.study.end_trial(
            number, outcome.state, seconds=outcome.seconds, message=outcome.message
        )
        self._mine.add(number)
        self.race.learn(record)
        self._run.channel.send(
            "trial_ended",
            trial=record.number,
            state=record.state,
            value=record.value,
            step=record.steps,
            seconds=record.seconds.get("total", 0.0),
            message=record.message,
        )

    def save(self) -> None:
        """Do nothing: the study is saved with every change."""

    def reload(self) -> None:
        """Do nothing: the study is read where it is needed."""

    def _learn_from_others(self, history: list[TrialRecord]) -> None:
        """Learn from the trials that other workers have ended since this one last looked."""
        self._in_flight.update(range(self._known, len(history)))
        self._known = len(history)
        for number in sorted(self._in_flight):
            if history[number].finished:
                self._in_flight.remove(number)
                if number not in self._mine:
                    self.race.learn(history[number])

    def _is_orphan(self, record: TrialRecord) -> bool:
        """Tell whether nobody works on a running trial: its worker is dead, or was this one."""
        mine = record.worker == self._run.worker
        return mine or not is_held(self._run.folder.worker_lock(record.worker))

    def _challenger(self, history: list[TrialRecord]) -> trial_module.Trial | None:
        """Begin a new trial: with the best one's weights where that is due, or else anew.

        Where the time is too short for one that begins anew, it is an heir all the same.
        """
        best = self._run.study.best()
        if best is not None and heir_is_due(best, history, self._run.plan):
            return self._heir(best, history) or self._stranger(history)
        trial = self._stranger(history)
        return self._heir(best, history) if trial is None and best is not None else trial

    def _stranger(self, history: list[TrialRecord]) -> trial_module.Trial | None:
        refused = self._proposals.refused_draws
        proposal = self._proposals.next(history)
        if self._proposals.refused_draws > refused:
            self._run.channel.send(
                "infeasible",
                count=self._proposals.refused_draws,
                reasons=dict(self._proposals.refused),
            )
        return None if proposal is None else self._begin(proposal)

    def _heir(self, best: TrialRecord, history: list[TrialRecord]) -> trial_module.Trial | None:
        """Begin a trial with the best one's weights, where the time is limited, and enough."""
        state = self._run.folder.trial(best.number) / BEST
        if not self._run.budget.ends_by_time or not state.exists():
            return None
        if not self.race.leaves_time_for_an_heir(best):
            return None
        proposal = self._proposals.next_heir(history, best)
        return None if proposal is None else self._begin(proposal, parent=best)

    def _begin(self, proposal: Proposal, parent: TrialRecord | None = None) -> trial_module.Trial:
        architecture = proposal.architecture
        record = self._run.study.add_trial(
            proposal.candidate.settings,
            proposal.candidate.choices,
            parameters=architecture.parameters,
            macs=architecture.macs,
            traffic=traffic(architecture),
            worker=self._run.worker,
            parent=None if parent is None else parent.number,
            batch_size=None if parent is None else parent.batch_size,
        )
        return self._announce(record)

    def _take_up(self, record: TrialRecord) -> trial_module.Trial:
        if record.attempts >= MOST_ATTEMPTS:
            return self._close(record, _end_of_its_workers(record))
        over = self.ending.at_once()
        if over and self._run.study.best() is not None:
            return self._close(record, Outcome("stopped", message=over))
        if record.starved and record.batch_size is None:
            drawn = draw(self._run.space, replay(record.settings)).training.batch_size
            halved = max(1, drawn // 2)
            self._run.study.note(record.number, batch_size=halved)
        self._run.study.note(record.number, attempts=record.attempts + 1, worker=self._run.worker)
        return self._announce(record)

    def _close(self, record: TrialRecord, outcome: Outcome) -> trial_module.Trial:
        """End a trial that nobody trains, and return the one to run next."""
        self.trials[str(record.number)] = trial = _trial(record)
        self.conclude(trial.trial_id, outcome)
        self.end_trial(trial)
        return self._next_trial()

    def _paused_leader(self, history: list[TrialRecord]) -> TrialRecord | None:
        """Return the best trial if it waits; others that wait have been overtaken, and end."""
        best = self._run.study.best()
        leader = None
        for record in history:
            if record.state != "paused":
                continue
            if best is not None and best.number == record.number:
                leader = record
            else:
                self._end_paused(record, "pruned", None)
        return leader

    def _go_on(self, leader: TrialRecord) -> trial_module.Trial:
        self._run.study.note(leader.number, worker=self._run.worker)
        return self._announce(self._run.study.take_up(leader.number))

    def _stopped(self, leader: TrialRecord | None) -> trial_module.Trial:
        """End the search; a trial that waits is finished from there, if it wins."""
        if leader is not None:
            self._end_paused(leader, "stopped", "the search was over")
        return _stopped()

    def _end_paused(self, record: TrialRecord, state: State, message: str | None) -> None:
        trial = _trial(record)
        self.conclude(trial.trial_id, Outcome(state, dict(record.seconds), message))
        self.end_trial(trial)

    def _announce(self, record: TrialRecord) -> trial_module.Trial:
        trial = _trial(record)
        self.trials[trial.trial_id] = trial
        return trial

    def _has_ended(self, history: list[TrialRecord]) -> bool:
        """Tell whether no trial may begin; what was over a measured limit was not trained."""
        trained = sum(trial.state != "over_limit" for trial in history)
        if self.ending.before_a_trial(trained):
            return True
        if is_always_over_limit(history):
            many = f"the last {MOST_OVER_LIMIT} candidates were all over a measured limit"
            self.ending.note("space", many)
            return True
        return False

    def _end_of_space(self, history: list[TrialRecord]) -> trial_module.Trial:
        if not history:
            raise self._proposals.nothing_feasible()
        if any(record.state == "running" for record in history):
            return _stopped()  # another worker's trial goes on until the time is over
        self.ending.note(*self._proposals.why_none_is_left())
        return _stopped()


def _trial(record: TrialRecord) -> trial_module.Trial:
    hyperparameters = keras_tuner.HyperParameters()
    hyperparameters.values = dict(record.settings)
    return trial_module.Trial(hyperparameters, trial_id=str(record.number), status="RUNNING")


def _end_of_its_workers(record: TrialRecord) -> Outcome:
    if record.starved:
        return Outcome("out_of_memory", message="the system killed its worker for want of memory")
    return Outcome("crashed", message=f"its worker died {record.attempts} times")


def _stopped() -> trial_module.Trial:
    return trial_module.Trial(keras_tuner.HyperParameters(), trial_id="none", status="STOPPED")


def _last_line(traceback: str | None) -> str | None:
    lines = (traceback or "").strip().splitlines()
    return lines[-1] if lines else None
