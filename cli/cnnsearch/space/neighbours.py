"""Which candidates are next to one another, and how far apart two are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnnsearch.space.choosers import first_guess, replay
from cnnsearch.space.domains import same
from cnnsearch.space.drawing import draw

if TYPE_CHECKING:
    from cnnsearch.space.candidate import Candidate
    from cnnsearch.space.domains import Setting, Value
    from cnnsearch.space.search_space import SearchSpace


def neighbours(space: SearchSpace, candidate: Candidate) -> Iterator[Candidate]:
    """Yield every candidate that differs in one setting.

    That setting is one step further: another of unordered values, the next of ordered ones, a
    tenth of a range without steps. What becomes active by it has its first guess, what no
    longer is active drops out, and everything else stays.
    """
    for path, setting in candidate.choices.items():
        for value in setting.domain.steps(candidate.settings[path]):
            changed = {**candidate.settings, path: value}
            yield draw(space, replay(changed, otherwise=first_guess))


def distance(one: Candidate, other: Candidate) -> float:
    """Return in how many settings two candidates of a space differ.

    A setting that is active in one of them only counts 1, and so do two values without order.
    Ordered values count by how far they are apart: 1 from the first to the last. It is a metric
    on the settings: 0 for equal ones only, the same both ways, never longer by a detour.
    """
    choices = {**one.choices, **other.choices}
    return sum(
        _difference(setting, one.settings[path], other.settings[path])
        if path in one.settings and path in other.settings
        else 1.0
        for path, setting in choices.items()
    )


def _difference(setting: Setting, one: Value, other: Value) -> float:
    if same(one, other):
        return 0.0
    here, there = setting.domain.position(one), setting.domain.position(other)
    return 1.0 if here is None or there is None else abs(here - there)
