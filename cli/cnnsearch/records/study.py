"""The durable record of the trials: an Optuna journal, written and read as plain records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cnnsearch.errors import RunError
from cnnsearch.records.distributions import distribution, parameter
from cnnsearch.records.dominance import Point
from cnnsearch.records.files import cut_broken_tail
from cnnsearch.records.known_trials import KnownTrials
from cnnsearch.space import Setting, Value

if TYPE_CHECKING:
    import optuna
    from optuna.storages.journal import JournalStorage
    from optuna.trial import FrozenTrial

Failure = Literal["diverged", "out_of_memory", "crashed", "timed_out", "error"]
# paused: waits while others are tried, and may go on; stopped: the search ended;
# over_limit: measured before it was trained, and beyond a limit
State = Literal["running", "paused", "complete", "pruned", "stopped", "over_limit"] | Failure
Direction = Literal["max", "min"]
FAILURES: tuple[Failure, ...] = ("diverged", "out_of_memory", "crashed", "timed_out", "error")
STUDY_NAME = "cnnsearch"
METRIC_NAMES = "study:metric_names"  # where Optuna keeps the names of the objectives


@dataclass(frozen=True)
class TrialRecord:
    """One trial as the study knows it."""

    number: int
    state: State
    settings: Mapping[str, Value]
    parameters: int
    macs: int
    # steps, counted in batches of the first guess -> validation score
    looks: Mapping[int, float] = field(default_factory=dict)
    value: float | None = None  # the best of the looks
    measured: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # `latency`: in ms
    values: tuple[float, ...] | None = None  # `value`, and the costs that are objectives, in order
    attempts: int = 1  # how often a worker took it up without being asked to stop
    spent_s: float = 0.0  # before its worker was last asked to stop
    seconds: Mapping[str, float] = field(
        default_factory=dict
    )  # "total", "build", "fit", "evaluate", "image"
    worker: int = 0  # who has it, or had it last
    parent: int | None = None  # the trial whose weights at its best look this one began with
    traffic: int = 0  # bytes of all maps that the network writes for one image
    starved: bool = False  # the system killed its worker for want of memory
    batch_size: int | None = None  # what it trained with, where that is not what was drawn
    message: str | None = None
    started: datetime | None = None
    earlier: bool = False  # of another run, whose trials this one began with

    @property
    def costs(self) -> dict[str, float]:
        """Parameters, macs, and latencies in ms where they were measured."""
        latencies = {name: found["median_ms"] for name, found in self.measured.items()}
        return {"parameters": self.parameters, "macs": self.macs, **latencies}

    @property
    def steps(self) -> int:
        """Training steps at the last look."""
        return max(self.looks, default=0)

    @property
    def scored_step(self) -> int:
        """Training steps at the look whose weights were kept: the first to reach the value."""
        return next((step for step, value in self.looks.items() if value == self.value), 0)

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
        self.objectives = _objectives(storage, study_id)  # the score first, then costs
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
        from optuna.trial import TrialState, create_trial

        template = create_trial(
            state=TrialState.RUNNING,
            params={path: parameter(value) for path, value in settings.items()},
            distributions={path: distribution(choices[path].domain) for path in settings},
            user_attrs={
                "settings": dict(settings),
                "parameters": parameters,
                "macs": macs,
                "traffic": traffic,
                "attempts": 1,
                "worker": worker,
                "parent": parent,
                "batch_size": batch_size,
            },
        )
        template.datetime_start = datetime.now()  # noqa: DTZ005 (Optuna's times have no zone)
        trial_id = self._storage.create_new_trial(self._study_id, template_trial=template)
        return _record(self._storage.get_trial(trial_id), self.objectives)

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
        return _record(self._storage.get_trial(self._trial_id(number)), self.objectives)

    def take_up(self, number: int) -> TrialRecord:
        """Record that a paused trial goes on."""
        seconds = self.trials()[number].seconds
        self.note(number, paused=None, before=dict(seconds), spent_s=0.0)
        return _record(self._storage.get_trial(self._trial_id(number)), self.objectives)

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
            "over_limit": TrialState.PRUNED,
        }.get(state, TrialState.FAIL)
        values = _record(self._storage.get_trial(trial_id), self.objectives).values
        if state == "timed_out" and values is not None:
            final = TrialState.PRUNED
        self._storage.set_trial_state_values(
            trial_id, final, None if final == TrialState.FAIL or values is None else values
        )
        return _record(self._storage.get_trial(trial_id), self.objectives)

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
        """Return the trials with a score that did not fail: best first, of equals the cheapest."""
        self._read_on()
        return self._known.ranking()

    def front(self) -> list[TrialRecord]:
        """Return the trials of the ranking that no other dominates; with one objective the best."""
        self._read_on()
        return self._known.front()

    def scores(self, step: int) -> Mapping[int, float]:
        """Return the validation scores after `step` training steps, by trial."""
        self._read_on()
        return self._known.scores(step)

    def point(self, record: TrialRecord) -> Point:
        """Return the values of a trial that has them, so that less of each is better."""
        return self._known.point(record)

    def points(self, step: int) -> dict[int, Point]:
        """Return the score after `step` training steps with the costs, by trial; less is better."""
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
        trial = self._storage.get_trial(self._trial_id(number))
        self._known.take_in(_record(trial, self.objectives))

    def _trial_id(self, number: int) -> int:
        return self._storage.get_trial_id_from_study_id_trial_number(self._study_id, number)


def create_study(journal: Path, objectives: Mapping[str, Direction]) -> Study:
    """Start the record of a new run after `objectives`: the score first, then costs."""
    from optuna.study import StudyDirection

    storage = _storage(journal)
    ways = {"max": StudyDirection.MAXIMIZE, "min": StudyDirection.MINIMIZE}
    directions = [ways[direction] for direction in objectives.values()]
    study_id = storage.create_new_study(directions, study_name=STUDY_NAME)
    storage.set_study_system_attr(study_id, METRIC_NAMES, list(objectives))
    return Study(storage, study_id)


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


def _objectives(storage: JournalStorage, study_id: int) -> dict[str, Direction]:
    directions = storage.get_study_directions(study_id)
    names = storage.get_study_system_attrs(study_id).get(METRIC_NAMES) or ["score"]
    ways: list[Direction] = ["max" if each.name == "MAXIMIZE" else "min" for each in directions]
    return dict(zip(names, ways, strict=True))


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


def _record(trial: FrozenTrial, objectives: Mapping[str, Direction]) -> TrialRecord:
    facts = trial.user_attrs
    outcome = _outcome(trial)
    looks = dict(sorted(trial.intermediate_values.items()))
    score, *costs = objectives
    record = TrialRecord(
        number=trial.number,
        state=outcome["state"],
        settings=facts.get("settings", trial.params),
        parameters=facts.get("parameters", 0),
        macs=facts.get("macs", 0),
        traffic=facts.get("traffic", 0),
        looks=looks,
        value=_best(looks, objectives[score]),
        measured=facts.get("measured", {}),
        attempts=facts.get("attempts", 1),
        spent_s=facts.get("spent_s", 0.0),
        seconds=outcome.get("seconds", {}),
        worker=facts.get("worker", 0),
        parent=facts.get("parent"),
        starved=facts.get("starved", False),
        batch_size=facts.get("batch_size"),
        message=outcome.get("message"),
        started=trial.datetime_start,
    )
    return replace(record, values=_values(record, costs))


def _outcome(trial: FrozenTrial) -> dict[str, Any]:
    """Return how far the trial has come: `state`, `seconds` and `message`."""
    facts = trial.user_attrs
    if trial.state.is_finished():
        return {"state": "error", **facts.get("outcome", {})}
    if facts.get("paused"):
        return {"state": "paused", **facts["paused"]}
    return {"state": "running", "seconds": facts.get("before", {})}


def _best(looks: Mapping[int, float], direction: Direction) -> float | None:
    if not looks:
        return None
    return max(looks.values()) if direction == "max" else min(looks.values())


def _values(record: TrialRecord, costs: Sequence[str]) -> tuple[float, ...] | None:
    if record.value is None or not set(costs) <= record.costs.keys():
        return None
    return (record.value, *(record.costs[name] for name in costs))
