"""The durable record of the trials: an Optuna journal, written and read as plain records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cnnsearch.errors import RunError
from cnnsearch.records.distributions import distribution, parameter
from cnnsearch.records.files import cut_broken_tail
from cnnsearch.records.known_trials import KnownTrials
from cnnsearch.space import Setting, Value

if TYPE_CHECKING:
    import optuna
    from optuna.storages.journal import JournalStorage
    from optuna.trial import FrozenTrial

Failure = Literal["diverged", "out_of_memory", "crashed", "timed_out", "error"]
# paused: waits while others are tried, and may go on; stopped: the search ended
State = Literal["running", "paused", "complete", "pruned", "stopped"] | Failure
FAILURES: tuple[Failure, ...] = ("diverged", "out_of_memory", "crashed", "timed_out", "error")
STUDY_NAME = "cnnsearch"


@dataclass(frozen=True)
class TrialRecord:
    """One trial as the study knows it."""

    number: int
    state: State
    settings: Mapping[str, Value]
    parameters: int
    macs: int
    looks: Mapping[int, float] = field(default_factory=dict)  # training steps -> validation score
    value: float | None = None  # the best of the looks
    attempts: int = 1  # how often a worker took it up without being asked to stop
    spent_s: float = 0.0  # before its worker was last asked to stop
    seconds: Mapping[str, float] = field(
        default_factory=dict
    )  # "total", "build", "fit", "evaluate", "image"
    worker: int = 0  # who has it, or had it last
    starved: bool = False  # the system killed its worker for want of memory
    batch_size: int | None = None  # what it trained with, where that is not what was drawn
    message: str | None = None
    started: datetime | None = None
    earlier: bool = False  # of another run, whose trials this one began with

    @property
    def steps(self) -> int:
        """Training steps at the last look."""
        return max(self.looks, default=0)

    @property
    def finished(self) -> bool:
        return self.state not in ("running", "paused")

    @property
    def failed(self) -> bool:
        """Tell whether the trial can win nothing: out of time, it may still have been scored."""
        return self.state in FAILURES and not (self.state == "timed_out" and self.looks)


class Study:
    """The trials of one run. Open it for writing under the run's lock only."""

    def __init__(self, storage: JournalStorage, study_id: int) -> None:
        self._storage = storage
        self._study_id = study_id
        self.maximize: bool = storage.get_study_directions(study_id)[0].name == "MAXIMIZE"
        self._known = KnownTrials(maximize=self.maximize)

    def add_trial(
        self,
        settings: Mapping[str, Value],
        choices: Mapping[str, Setting],
        *,
        parameters: int,
        macs: int,
        worker: int = 0,
    ) -> TrialRecord:
        """Record a new trial as running, in one write."""
        from optuna.trial import TrialState, create_trial

        template = create_trial(
            state=TrialState.RUNNING,
            params={path: parameter(value) for path, value in settings.items()},
            distributions={path: distribution(choices[path].domain) for path in settings},
            user_attrs={
                "settings": dict(settings),
                "parameters": parameters,
                "macs": macs,
                "attempts": 1,
                "worker": worker,
            },
        )
        template.datetime_start = datetime.now()  # noqa: DTZ005 (Optuna's times have no zone)
        trial_id = self._storage.create_new_trial(self._study_id, template_trial=template)
        return _record(self._storage.get_trial(trial_id), self.maximize)

    def report(self, number: int, step: int, value: float) -> None:
        """Record the validation score of a trial after `step` training steps."""
        self._storage.set_trial_intermediate_value(self._trial_id(number), step, value)

    def note(self, number: int, **facts: Any) -> None:
        """Record facts of a running trial, such as `attempts` or `batch_size`."""
        for key, value in facts.items():
            self._storage.set_trial_user_attr(self._trial_id(number), key, value)

    def pause(self, number: int, *, seconds: Mapping[str, float]) -> TrialRecord:
        """Record that a trial waits, with all of its state in its folder."""
        self.note(number, paused={"seconds": dict(seconds)})
        return _record(self._storage.get_trial(self._trial_id(number)), self.maximize)

    def take_up(self, number: int) -> TrialRecord:
        """Record that a paused trial goes on."""
        seconds = self.trials()[number].seconds
        self.note(number, paused=None, before=dict(seconds), spent_s=0.0)
        return _record(self._storage.get_trial(self._trial_id(number)), self.maximize)

    def end_trial(
        self, number: int, state: State, *, seconds: Mapping[str, float], message: str | None = None
    ) -> TrialRecord:
        """Record how a trial ended."""
        from optuna.trial import TrialState

        trial_id = self._trial_id(number)
        outcome = {"state": state, "seconds": dict(seconds), "message": message}
        self._storage.set_trial_user_attr(trial_id, "outcome", outcome)
        final = {
            "complete": TrialState.COMPLETE,
            "pruned": TrialState.PRUNED,
            "stopped": TrialState.PRUNED,
        }.get(state, TrialState.FAIL)
        value = _best(self._storage.get_trial(trial_id).intermediate_values, self.maximize)
        if state == "timed_out" and value is not None:
            final = TrialState.PRUNED
        values = None if final == TrialState.FAIL or value is None else [value]
        self._storage.set_trial_state_values(trial_id, final, values)
        return _record(self._storage.get_trial(trial_id), self.maximize)

    def trials(self) -> list[TrialRecord]:
        """Return every trial, by number."""
        self._read_on()
        return self._known.all()

    def unfinished(self) -> set[int]:
        """Return the numbers of the trials that a worker has, or had when it died."""
        self._read_on()
        return set(self._known.unfinished)

    def facts(self) -> dict[str, Any]:
        """Return what was noted of the whole study, such as the finished winner."""
        return dict(self._storage.get_study_user_attrs(self._study_id))

    def note_study(self, **facts: Any) -> None:
        """Record facts of the whole study."""
        for key, value in facts.items():
            self._storage.set_study_user_attr(self._study_id, key, value)

    def ranking(self) -> list[TrialRecord]:
        """Return the trials with a score that did not fail: best first, of equals the smallest."""
        self._read_on()
        return self._known.ranking()

    def scores(self, step: int) -> Mapping[int, float]:
        """Return the validation scores after `step` training steps, by trial."""
        self._read_on()
        return self._known.scores(step)

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
        trial = self._storage.get_trial(self._trial_id(number))
        self._known.take_in(_record(trial, self.maximize))

    def _trial_id(self, number: int) -> int:
        return self._storage.get_trial_id_from_study_id_trial_number(self._study_id, number)


def create_study(journal: Path, *, maximize: bool) -> Study:
    """Start the record of a new run."""
    from optuna.study import StudyDirection

    storage = _storage(journal)
    direction = StudyDirection.MAXIMIZE if maximize else StudyDirection.MINIMIZE
    return Study(storage, storage.create_new_study([direction], study_name=STUDY_NAME))


def open_study(journal: Path, *, writing: bool = False) -> Study:
    """Open the record of a run; for writing, cut off first what a crash left half-written.

    Raises:
        RunError: The journal is missing or damaged.
    """
    if not journal.exists():
        raise RunError(f"{journal} is missing: the run has no record of its trials")
    if writing:
        with _alone(journal):
            cut_broken_tail(journal)
    try:
        storage = _storage(journal)
        return Study(storage, storage.get_study_id_from_name(STUDY_NAME))
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise RunError(
            f"{journal} is damaged ({type(error).__name__}: {error}); start a new run"
        ) from None


def _storage(journal: Path) -> JournalStorage:
    import optuna
    from optuna.storages.journal import JournalFileBackend, JournalStorage

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return JournalStorage(JournalFileBackend(str(journal), lock_obj=_journal_lock(journal)))


@contextmanager
def _alone(journal: Path) -> Iterator[None]:
    """Keep the other workers from writing."""
    lock = _journal_lock(journal)
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _journal_lock(journal: Path) -> Any:
    """Return a lock that dies with its process (Optuna's own stays for 30 s after a `kill -9`)."""
    from optuna.storages.journal import JournalFileOpenLock

    with suppress(ImportError):  # no fcntl on Windows
        from cnnsearch.records.journal_lock import FlockLock

        return FlockLock(journal)
    return JournalFileOpenLock(str(journal))


def _record(trial: FrozenTrial, maximize: bool) -> TrialRecord:
    facts = trial.user_attrs
    outcome = _outcome(trial)
    looks = dict(sorted(trial.intermediate_values.items()))
    return TrialRecord(
        number=trial.number,
        state=outcome["state"],
        settings=facts.get("settings", trial.params),
        parameters=facts.get("parameters", 0),
        macs=facts.get("macs", 0),
        looks=looks,
        value=_best(looks, maximize),
        attempts=facts.get("attempts", 1),
        spent_s=facts.get("spent_s", 0.0),
        seconds=outcome.get("seconds", {}),
        worker=facts.get("worker", 0),
        starved=facts.get("starved", False),
        batch_size=facts.get("batch_size"),
        message=outcome.get("message"),
        started=trial.datetime_start,
    )


def _outcome(trial: FrozenTrial) -> dict[str, Any]:
    """Return how far the trial has come: `state`, `seconds` and `message`."""
    facts = trial.user_attrs
    if trial.state.is_finished():
        return {"state": "error", **facts.get("outcome", {})}
    if facts.get("paused"):
        return {"state": "paused", **facts["paused"]}
    return {"state": "running", "seconds": facts.get("before", {})}


def _best(looks: Mapping[int, float], maximize: bool) -> float | None:
    if not looks:
        return None
    return max(looks.values()) if maximize else min(looks.values())
