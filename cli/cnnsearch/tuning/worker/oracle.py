"""KerasTuner's Oracle over our study: every question is answered from the durable record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras_tuner
from keras_tuner.engine import trial as trial_module

from cnnsearch.errors import AllTrialsFailedError
from cnnsearch.records.claims import held, is_held
from cnnsearch.records.study import State, Study, TrialRecord
from cnnsearch.space import draw, replay
from cnnsearch.tuning.proposals import Proposal, Proposals
from cnnsearch.tuning.rungs import goes_on
from cnnsearch.tuning.step_cost import StepCost
from cnnsearch.tuning.worker.interrupted import Interrupted
from cnnsearch.tuning.worker.run import Run

MOST_ATTEMPTS = 2  # a trial whose worker died is taken up once more
HOPELESS_AFTER = 10  # when so many first trials all end in the same failure, the space is at fault


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
        self.cost = StepCost()
        self._known = 0  # trials that were there when it last looked
        self._unlearned: set[int] = set()  # those of them whose cost is not known yet
        self._learn_new(run.study.trials())
        self._proposals = Proposals(
            run.space, run.dataset.shape, len(run.dataset.classes), too_slow=self._too_slow
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
        self._learn_new(history)
        _refuse_hopeless(history)
        for record in history:
            if record.state == "running" and self._is_orphan(record):
                return self._take_up(record)
        if self._exhausted(history):
            return _stopped()
        refused = self._proposals.refused_draws
        proposal = self._proposals.next(history)
        if self._proposals.refused_draws > refused:
            self._run.channel.send(
                "infeasible",
                count=self._proposals.refused_draws,
                reasons=dict(self._proposals.refused),
            )
        if proposal is None:
            return self._end_of_space(history)
        return self._begin(proposal)

    def time_is_up(self) -> bool:
        """Tell whether the search has used its share of the time."""
        return self._run.clock.elapsed_s() >= self._run.budget.search_until_s

    def conclude(self, trial_id: str, outcome: Outcome) -> None:
        """Keep how a trial ended until the loop records it."""
        self._outcomes[trial_id] = outcome

    def verdict(self, number: int, step: int, value: float) -> str:
        """Record a look, and tell whether the trial goes on, is complete or pruned."""
        self._run.study.report(number, step, value)
        if step >= self._run.plan.top:
            return "complete"
        if self._run.space.search.pruning == "none":
            return "goes on"
        scores = self._run.study.scores(step)
        others = [score for other, score in scores.items() if other != number]
        return "goes on" if goes_on(value, others, maximize=self._run.study.maximize) else "pruned"

    def update_trial(self, trial_id: str, metrics: dict[str, Any], step: int = 0) -> None:
        """Do nothing: `verdict` has recorded every look already."""

    def end_trial(self, trial: trial_module.Trial) -> None:
        """Record the trial's outcome."""
        self.trials.pop(trial.trial_id, None)  # the study has it; KerasTuner would keep it for ever
        outcome = self._outcomes.pop(trial.trial_id, None) or Outcome(
            "error", message=_last_line(trial.message)
        )
        record = self._run.study.end_trial(
            int(trial.trial_id), outcome.state, seconds=outcome.seconds, message=outcome.message
        )
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

    def _learn_new(self, history: list[TrialRecord]) -> None:
        """Learn from the trials that have ended since, whichever worker trained them."""
        self._unlearned.update(range(self._known, len(history)))
        self._known = len(history)
        for number in sorted(self._unlearned):
            record = history[number]
            if record.finished:
                self._unlearned.remove(number)
                self.cost.observe(macs=record.macs, seconds_per_image=record.seconds.get("image"))

    def _is_orphan(self, record: TrialRecord) -> bool:
        """Tell whether nobody works on a running trial: its worker is dead, or was this one."""
        mine = record.worker == self._run.worker
        return mine or not is_held(self._run.folder.worker_lock(record.worker))

    def _begin(self, proposal: Proposal) -> trial_module.Trial:
        architecture = proposal.architecture
        record = self._run.study.add_trial(
            proposal.candidate.settings,
            proposal.candidate.choices,
            parameters=architecture.parameters,
            macs=architecture.macs,
            worker=self._run.worker,
        )
        return self._announce(record)

    def _take_up(self, record: TrialRecord) -> trial_module.Trial:
        if record.attempts >= MOST_ATTEMPTS:
            self.trials[str(record.number)] = trial = _trial(record)
            self.conclude(trial.trial_id, _end_of_its_workers(record))
            self.end_trial(trial)
            return self._next_trial()
        if record.starved and record.batch_size is None:
            half = draw(self._run.space, replay(record.settings)).training.batch_size // 2
            self._run.study.note(record.number, batch_size=max(1, half))
        self._run.study.note(record.number, attempts=record.attempts + 1, worker=self._run.worker)
        return self._announce(record)

    def _announce(self, record: TrialRecord) -> trial_module.Trial:
        trial = _trial(record)
        self.trials[trial.trial_id] = trial
        return trial

    def _exhausted(self, history: list[TrialRecord]) -> bool:
        if self._run.budget.trials is not None and len(history) >= self._run.budget.trials:
            return True
        return bool(history) and self.time_is_up()

    def _end_of_space(self, history: list[TrialRecord]) -> trial_module.Trial:
        if history:
            return _stopped()
        raise self._proposals.nothing_feasible()

    def _too_slow(self, proposal: Proposal) -> bool:
        """Tell whether the first look would come after the search has ended."""
        predicted = self.cost.predict_s(
            macs=proposal.architecture.macs,
            images=proposal.candidate.training.batch_size * self._run.plan.first,
        )
        return (
            predicted is not None
            and self._run.clock.elapsed_s() + predicted > self._run.budget.search_until_s
        )


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


def _refuse_hopeless(history: list[TrialRecord]) -> None:
    first = history[:HOPELESS_AFTER]
    states = {trial.state for trial in first}
    if len(first) < HOPELESS_AFTER or len(states) > 1 or not all(trial.failed for trial in first):
        return
    advice = {
        "diverged": "lower `training.learning_rate`",
        "out_of_memory": "lower `training.batch_size`, or limit `macs` in `constraints`",
        "timed_out": "raise `budget.trial_time`, or limit `macs` in `constraints`",
    }.get(first[0].state, "see worker.log in the run folder")
    raise AllTrialsFailedError(
        f"the first {HOPELESS_AFTER} trials all ended as {first[0].state.replace('_', ' ')} "
        f"({first[-1].message or 'no message'}): {advice}"
    )


def _last_line(traceback: str | None) -> str | None:
    lines = (traceback or "").strip().splitlines()
    return lines[-1] if lines else None
