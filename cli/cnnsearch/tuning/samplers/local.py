"""Local search (White et al. 2020, arXiv:2005.02960): climb from neighbour to neighbour.

All neighbours of the best trial are tried; one that is better is climbed from next. Where none
is, the climb is at its end, and another begins at random. The first begins at the first guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from cnnsearch.records.study import TrialRecord
from cnnsearch.space import (
    Candidate,
    SearchSpace,
    Value,
    draw,
    first_guess,
    random_chooser,
    replay,
)
from cnnsearch.space.neighbours import neighbours
from cnnsearch.tuning.samplers.fitness import comparison, parents


def propose(space: SearchSpace, history: Sequence[TrialRecord], rng: Random) -> Iterator[Candidate]:
    """Yield the untried neighbours of the best trial of this climb, then random candidates."""
    best = _summit(space, history)
    if best is not None:
        tried = {_key(trial.settings) for trial in history if not trial.earlier}
        near = [
            candidate
            for candidate in neighbours(space, draw(space, replay(best.settings)))
            if _key(candidate.settings) not in tried
        ]
        rng.shuffle(near)
        yield from near
    elif not history:
        yield draw(space, first_guess)
    while True:
        yield draw(space, random_chooser(rng))


def _summit(space: SearchSpace, history: Sequence[TrialRecord]) -> TrialRecord | None:
    """Return the best trial of the climb that goes on.

    A trial that is no neighbour of the best before it has begun a climb of its own.
    """
    outdoes = comparison(space)
    best: TrialRecord | None = None
    for trial in parents(history):
        if (
            best is None
            or outdoes(trial, best)
            or (not trial.earlier and not _is_step(space, best.settings, trial.settings))
        ):
            best = trial
    return best


def _is_step(space: SearchSpace, one: Mapping[str, Value], other: Mapping[str, Value]) -> bool:
    """Tell whether at most one setting is another, by one step, and what depends on it."""
    changed = [path for path, value in one.items() if path in other and value != other[path]]
    if len(changed) != 1:
        return not changed
    (path,) = changed
    setting = draw(space, replay(one)).choices[path]
    return other[path] in setting.domain.steps(one[path])


def _key(settings: Mapping[str, Value]) -> str:
    return repr(sorted(settings.items()))
