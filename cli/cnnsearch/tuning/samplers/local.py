"""Local search (White et al. 2020, arXiv:2005.02960): climb from neighbour to neighbour.

All neighbours of the best trial are tried; one that is better is climbed from next. Where none
is, the climb is at its end, and another begins at random. The first begins at the first guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Candidate, SearchSpace, draw, first_guess, random_chooser, replay
from cnnsearch.space.neighbours import neighbours
from cnnsearch.tuning.samplers.climbs import Climb, climbs


def propose(space: SearchSpace, history: Sequence[TrialRecord], rng: Random) -> Iterator[Candidate]:
    """Yield the untried neighbours of the best trial of this climb, then random candidates.

    Earlier climbs are looked at too: a trial of theirs that another worker had may have turned out
    to be better after this one had begun. While the first guess is not scored yet, its neighbours
    are tried, which cost about what it costs.
    """
    if not history:
        guess = draw(space, first_guess)
        near = list(neighbours(space, guess))
        rng.shuffle(near)
        yield from (guess, *near)  # one of these begins the climb where the guess breaks a limit
    found = climbs(space, history)
    for climb in reversed(found):
        if climb.best is not None:
            yield from _untried(space, climb, climb.best, rng)
    if found and found[0].best is None and not found[0].trials[0].finished:
        yield from _untried(space, found[0], found[0].trials[0], rng)
    while True:
        yield draw(space, random_chooser(rng))


def _untried(
    space: SearchSpace, climb: Climb, trial: TrialRecord, rng: Random
) -> Iterator[Candidate]:
    """Yield the neighbours of a trial of the climb, each drawn only when it is asked for."""
    settings = trial.settings
    steps = [
        {**settings, path: value}
        for path, setting in draw(space, replay(settings)).choices.items()
        for value in setting.domain.steps(settings[path])
    ]
    rng.shuffle(steps)
    for changed in steps:
        # Where a step makes other settings active, it is told from what was tried by these.
        if not climb.has_tried(changed):
            near = draw(space, replay(changed, otherwise=first_guess))
            if not climb.has_tried(near.settings):
                yield near
