"""Candidates near others: one setting changed, by one step where its values have an order."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import (
    Candidate,
    Chooser,
    SearchSpace,
    draw,
    first_guess,
    random_chooser,
    replay,
)

FIRST_NEAR = 3  # trials near the first guess before a sampler learns from its history
_CHANGES = (1, 2)  # settings changed in one of these


def mutate(
    space: SearchSpace, parent: Candidate, rng: Random, *, activated: Chooser | None = None
) -> Candidate:
    """Return `parent` with one setting changed; where nothing is free it is `parent` itself.

    Args:
        space: What may vary.
        parent: A candidate of it.
        rng: Every choice is drawn from it.
        activated: Chooses what the change makes active; at random if it is not given.
    """
    changeable = [path for path, setting in parent.choices.items() if setting.domain.size() != 1]
    if not changeable:
        return parent
    path = rng.choice(changeable)
    others = parent.choices[path].domain.neighbours(parent.settings[path], rng)
    settings = {**parent.settings, path: rng.choice(list(others))}
    return draw(space, replay(settings, otherwise=activated or random_chooser(rng)))


def near_first_guess(space: SearchSpace, rng: Random) -> Candidate:
    """Return the first guess with one or two settings changed."""
    candidate = draw(space, first_guess)
    for _ in range(rng.choice(_CHANGES)):
        candidate = mutate(space, candidate, rng, activated=first_guess)
    return candidate


def begins_near(history: Sequence[TrialRecord]) -> bool:
    """Tell whether the next trial is to lie near the first guess.

    A search that begins so has a good model early: of the default space, a candidate drawn at
    random needs four times the first guess' MACs on average. Where a trial has failed the first
    guess is none to stay near.
    """
    return len(history) < FIRST_NEAR and not any(trial.failed for trial in history)
