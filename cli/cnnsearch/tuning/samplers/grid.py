"""Grid search: the whole space in a fixed order, beginning at the first guess.

Its place in the order is that of the last trial, so it goes on where it was in a fresh process.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Candidate, SearchSpace
from cnnsearch.space.enumerating import enumerate_candidates


def propose(space: SearchSpace, history: Sequence[TrialRecord], rng: Random) -> Iterator[Candidate]:
    """Yield every candidate after the last trial's, and end where there are no more.

    Ranges without steps are gone through in a few points: see `enumerate_candidates`.
    """
    own = [trial for trial in history if not trial.earlier]
    return enumerate_candidates(space, after=own[-1].settings if own else None)
