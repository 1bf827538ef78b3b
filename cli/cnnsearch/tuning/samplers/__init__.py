"""How the next candidate is chosen: one file an algorithm, each a function of the same shape."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from cnnsearch.records.study import TrialRecord
from cnnsearch.space import Candidate, SearchSpace
from cnnsearch.tuning.samplers.evolution import propose as evolution
from cnnsearch.tuning.samplers.random import propose as random_search

Sampler = Callable[[SearchSpace, Sequence[TrialRecord], random.Random], Candidate]

SAMPLERS: dict[str, Sampler] = {"evolution": evolution, "random": random_search}
