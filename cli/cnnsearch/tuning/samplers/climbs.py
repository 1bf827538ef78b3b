"""Which trials belong together, each a step from one before: the climbs of a local search.

Nothing is remembered from one proposal to the next, so they are told from the trials alone. What
was best when a trial was proposed may not be best any more: workers end their trials in any order,
and what goes on is scored again. So a trial belongs to the latest climb if any trial of that is a
step away, not the best alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import takewhile
from operator import is_

from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Domain, SearchSpace, Value, leaf_path
from cnnsearch.tuning.samplers.fitness import comparison, is_parent

LATEST = 3  # climbs that workers side by side may be at


@dataclass
class Climb:
    """Trials that are steps from one another; `best` is None where none of them was scored."""

    trials: list[TrialRecord] = field(default_factory=list)
    best: TrialRecord | None = None

    def has_tried(self, settings: Mapping[str, Value]) -> bool:
        """Tell whether a trial of this run had these settings."""
        return any(trial.settings == settings for trial in self.trials if not trial.earlier)


class Climbs:
    """The climbs of a search, found anew only from the first trial that has changed.

    They depend on the history alone: what is kept from one call to the next saves time only.
    """

    def __init__(self, space: SearchSpace) -> None:
        self.space = space
        self._outdoes = comparison(space)
        self._is_step = _steps(space)
        self._found: list[Climb] = []
        self._read: list[TrialRecord] = []
        self._homes: list[tuple[Climb, TrialRecord | None]] = []  # of each, with its best before

    def of(self, history: Sequence[TrialRecord]) -> list[Climb]:
        """Return the climbs of a history; the next call may change them."""
        alike = sum(takewhile(bool, map(is_, self._read, history)))
        while len(self._read) > alike:
            self._take_back()
        for trial in history[alike:]:
            self._add(trial)
        return self._found

    def _add(self, trial: TrialRecord) -> None:
        climb = _home(self._found, trial, self._is_step)
        if climb is None:
            self._found.append(climb := Climb())
        self._read.append(trial)
        self._homes.append((climb, climb.best))
        climb.trials.append(trial)
        if is_parent(trial) and (climb.best is None or self._outdoes(trial, climb.best)):
            climb.best = trial

    def _take_back(self) -> None:
        self._read.pop()
        climb, best_before = self._homes.pop()
        climb.best = best_before
        climb.trials.pop()
        if not climb.trials:
            self._found.pop()


_LATEST_SEARCH: list[Climbs] = []  # of this process; one at most


def climbs(space: SearchSpace, history: Sequence[TrialRecord]) -> list[Climb]:
    """Return the climbs of a search, in the order in which they began; the next call changes them.

    What an earlier run has tried is one, whichever steps it took.
    """
    if not _LATEST_SEARCH or _LATEST_SEARCH[0].space is not space:
        _LATEST_SEARCH[:] = [Climbs(space)]
    return _LATEST_SEARCH[0].of(history)


def _home(
    found: Sequence[Climb], trial: TrialRecord, is_step: Callable[[TrialRecord, TrialRecord], bool]
) -> Climb | None:
    """Return the latest climb that the trial is a step of."""
    if trial.earlier:
        return found[0] if found else None
    for climb in reversed(found[-LATEST:]):
        if climb.best is not None and is_step(climb.best, trial):
            return climb
    if found and any(is_step(other, trial) for other in reversed(found[-1].trials)):
        return found[-1]
    return None


def _steps(space: SearchSpace) -> Callable[[TrialRecord, TrialRecord], bool]:
    """Return what tells whether one trial is another with at most one setting a step further.

    What depends on that setting comes and goes with it, so only what both have counts.
    """
    leaves: dict[str, Domain] = {leaf.path: leaf.domain for leaf in space.free if leaf.domain}

    @cache
    def domain(path: str) -> Domain:
        return leaves[leaf_path(path, leaves)]

    def is_step(one: TrialRecord, other: TrialRecord) -> bool:
        changed = None
        for path, value in one.settings.items():
            if value != other.settings.get(path, value):
                if changed is not None:
                    return False
                changed = path
        if changed is None:
            return True
        return other.settings[changed] in domain(changed).steps(one.settings[changed])

    return is_step
