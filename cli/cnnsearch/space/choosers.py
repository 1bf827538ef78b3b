"""Ways to choose the value of a setting: at random, by first guess, or again as before."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import TypeAlias

from cnnsearch.space.domains import Setting, Value

Chooser: TypeAlias = Callable[[Setting], Value]


def first_guess(setting: Setting) -> Value:
    """Choose the prior, else the first value or the middle of the range."""
    return setting.first_guess()


def random_chooser(rng: random.Random) -> Chooser:
    """Return a chooser that draws every value from `rng`."""
    return lambda setting: setting.domain.draw(rng)


def replay(settings: Mapping[str, Value], otherwise: Chooser | None = None) -> Chooser:
    """Return a chooser that repeats `settings`, and asks `otherwise` where they do not fit.

    Raises:
        LookupError: From the chooser, where there is no fitting value and no `otherwise`.
    """

    def choose(setting: Setting) -> Value:
        if setting.path in settings and setting.domain.contains(settings[setting.path]):
            return setting.domain.canonical(settings[setting.path])
        if otherwise is None:
            raise LookupError(f"no value for {setting.path} that the search space allows")
        return otherwise(setting)

    return choose
