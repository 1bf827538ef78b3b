"""The durable record of the trials: an Optuna journal, written and read as plain records."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnsearch.errors import RunError
from cnnsearch.records.damage import missing_journal
from cnnsearch.records.dominance import Point
from cnnsearch.records.journal import mend_journal, open_storage
from cnnsearch.records.known_trials import KnownTrials
from cnnsearch.records.objectives import (
    METRIC_NAMES,
    Direction,
    optuna_directions,
    read_objectives,
)
from cnnsearch.records.optuna_trials import final_state, new_trial, read_trial
from cnnsearch.records.trial import State, TrialRecord
from cnnsearch.space import Setting, Value

if TYPE_CHECKING:
    import optuna
    from optuna.storages.journal import JournalStorage

STUDY_NAME = "cnnsearch"


class Study:
    """The trials of one run. Open it for writing under the run's lock only."""

    def __init__(self, storage: JournalStorage, study_id: int) -> None:
        self._storage = storage
        self._study_id = study_id
        self.objectives = read_objectives(storage, study_id)  # the score first, then costs
        self._known = KnownTrials(maximize=self.maximize)

    @property
    def maximize(self) -> bool:
        """Tell whether more of the score is better."""
        return next(iter(self.objectives.values())) == "max"

    def add_trial(
        self,
        settings: Mapping[str, Value],
        choices: Mapping[str, Setting],
        *,
        parameters: int,
        macs: int,
        traffic: int = 0,
        worker: int = 0,
        parent: int | None = None,
        batch_size: int | None = None,
    ) -> TrialRecord:
        """Record a new trial as running, in one write."""
        template = new_trial(
            settings,
            choices,
            parameters=parameters,
            macs=macs,
            traffic=traffic,
            worker=worker,
            parent=parent,
            batch_size=batch_size,
        )
        return self._record(self._storage.create_new_trial(self._study_id, template))

    def report(self, number: int, step: int, value: float) -> None:
        """Record the validation score of a trial after `step` steps of the plan."""
        self._storage.set_trial_intermediate_value(self._trial_id(number), step, value)

    def note(self, number: int, **facts: Any) -> None:
        """Record facts of a running trial, such as `attempts` or `batch_size`."""
        for key, value in facts.items():
            self._storage.set_trial_user_attr(self._trial_id(number), key, value)

    def pause(self, number: int, *, seconds: Mapping[str, float]) -> TrialRecord:
        """Record that a trial waits, with all of its state in its folder."""
        self.note(number, paused={"seconds": dict(seconds)})
        return self._record(self._trial_id(number))

    def take_up(self, number: int) -> TrialRecord:
        """Record that a paused trial goes on."""
        seconds = self.trials()[number].seconds
        self.note(number, paused=None, before=dict(seconds))
        return self._record(self._trial_id(number))

    def end_trial(
        self, number: int, state: State, *, seconds: Mapping[str, float], message: str | None = None
    ) -> TrialRecord:
        """Record how a trial ended."""
        trial_id = self._trial_id(number)
        outcome = {"state": state, "seconds": dict(seconds), "message": message}
        self._storage.set_trial_user_attr(trial_id, "outcome", outcome)
        values = self._record(trial_id).values
        final = final_state(state, scored=values is not None)
        self._storage.set_trial_state_values(
            trial_id, final, None if final.name == "FAIL" else values
        )
        return self._record(trial_id)

    def trials(self) -> list[TrialRecord]:
        """Return every trial, by number."""
        self._read_on()
        return self._known.all()

    def trial(self, number: int) -> TrialRecord:
        """Return the trial of that number.

        Raises:
            RunError: There is none.
        """
        trials = self.trials()
        if 0 <= number < len(trials):
            return trials[number]
        few = {0: "no trials yet", 1: "trial 0 only"}
        known = few.get(len(trials), f"trials 0 to {len(trials) - 1}")
        raise RunError(f"there is no trial {number}; the run has {known}")

    def unfinished(self) -> set[int]:
        """Return the numbers of the trials that a worker has, or had when it died."""
        self._read_on()
        return set(self._known.unfinished)

    def ended(self, state: State) -> int:
        """Return how many trials have ended so."""
        self._read_on()
        return self._known.ended(state)

    def facts(self) -> dict[str, Any]:
        """Return what was noted of the whole study, such as the finished winner."""
        return dict(self._storage.get_study_user_attrs(self._study_id))

    def note_study(self, **facts: Any) -> None:
        """Record facts of the whole study."""
        for key, value in facts.items():
            self._storage.set_study_user_attr(self._study_id, key, value)

    def ranking(self) -> list[TrialRecord]:
        """Return the trials with a score that did not fail: best first, of equals the cheapest."""
        self._read_on()
        return self._known.ranking()

    def front(self) -> list[TrialRecord]:
        """Return the trials of the ranking that no other dominates; with one objective the best."""
        self._read_on()
        return self._known.front()

    def standing(self, number: int, step: int) -> tuple[int, int]:
        """Return how many others scored as well as a trial after `step` steps, or better; and all.

        All are the others that have been looked at there.
        """
        self._read_on()
        return self._known.standing(number, step)

    def point(self, record: TrialRecord) -> Point:
        """Return the values of a trial that has them, so that less of each is better."""
        return self._known.point(record)

    def points(self, step: int) -> dict[int, Point]:
        """Return the score after `step` steps with the costs, by trial; less is better."""
        self._read_on()
        return self._known.points(step)

    def compared_at(self, step: int) -> optuna.Study:
        """Return Optuna's view of the trials that were scored after `step` steps, by that score."""
        import optuna

        study = optuna.create_study(direction="maximize" if self.maximize else "minimize")
        scored = (
            optuna.trial.create_trial(
                value=trial.intermediate_values[step],
                params=trial.params,
                distributions=trial.distributions,
            )
            for trial in self._storage.get_all_trials(self._study_id, deepcopy=False)
            if step in trial.intermediate_values
        )
        study.add_trials(scored)
        return study

    def best(self) -> TrialRecord | None:
        """Return the trial with the best validation score."""
        return next(iter(self.ranking()), None)

    def _read_on(self) -> None:
        """Read what is new: trials that had not finished, and those added since."""
        for number in self._known.unfinished:
            self._read(number)
        while self._has(len(self._known)):
            self._read(len(self._known))

    def _has(self, number: int) -> bool:
        try:
            self._trial_id(number)
        except KeyError:
            return False
        return True

    def _read(self, number: int) -> None:
        self._known.take_in(self._record(self._trial_id(number)))

    def _record(self, trial_id: int) -> TrialRecord:
        return read_trial(self._storage.get_trial(trial_id), self.objectives)

    def _trial_id(self, number: int) -> int:
        return self._storage.get_trial_id_from_study_id_trial_number(self._study_id, number)


def create_study(journal: Path, objectives: Mapping[str, Direction]) -> Study:
    """Start the record of a new run after `objectives`: the score first, then costs."""
    storage = open_storage(journal)
    study_id = storage.create_new_study(optuna_directions(objectives), study_name=STUDY_NAME)
    storage.set_study_system_attr(study_id, METRIC_NAMES, list(objectives))
    return Study(storage, study_id)


def open_study(journal: Path, *, writing: bool = False) -> Study:
    """Open the record of a run; for writing, cut off first what a crash left half-written.

    Raises:
        RunError: The journal is missing or damaged.
    """
    if not journal.exists():
        raise missing_journal(journal)
    if writing:
        mend_journal(journal)
    try:
        storage = open_storage(journal)
        return Study(storage, _study_id(storage))
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        what = f"a line lacks {error}" if isinstance(error, KeyError) else f"{error}"
        raise RunError(
            f"{journal} is damaged ({what or 'a line cannot be read'}); put it back from a copy, "
            "or start a new run"
        ) from None


def _study_id(storage: JournalStorage) -> int:
    try:
        return storage.get_study_id_from_name(STUDY_NAME)
    except KeyError:
        raise ValueError("its beginning is gone") from None
