"""Random search: every setting drawn anew, each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Candidate, SearchSpace, draw, random_chooser


def propose(space: SearchSpace, history: Sequence[TrialRecord], rng: Random) -> Iterator[Candidate]:
    """Yield candidates that take nothing from `history`."""
    while True:
        yield draw(space, random_chooser(rng))
