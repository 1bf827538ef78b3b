"""Quasi-random search: Halton's sequence covers the space more evenly than chance does.

Each setting follows its own: the digits of the trial's number, in the base of a prime, mirrored at
the point, and permuted at random by place (Owen 2017, arXiv:1706.02808), so that settings with
large primes are not alike. No setting needs to know how many others there are, so those that only
some candidates have are as evenly covered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import count
from math import isqrt
from random import Random

from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Candidate, SearchSpace, Setting, Value, draw, leaf_path

_AGAIN = 1_000_003  # points further, where a point was refused; later trials do not come there
_FINEST = 1e-9  # the last digit of a share


def propose(space: SearchSpace, history: Sequence[TrialRecord], rng: Random) -> Iterator[Candidate]:
    """Yield the point whose turn it is, then others far along the sequence."""
    own = sum(not trial.earlier for trial in history)
    numbers = {leaf.path: number for number, leaf in enumerate(space.free)}

    def point(index: int) -> Candidate:
        def choose(setting: Setting) -> Value:
            base = _prime(_dimension(numbers, setting.path))
            return setting.domain.draw(_Share(index, f"{space.search.seed}:{setting.path}", base))

        return draw(space, choose)

    for again in count():
        yield point(own + again * _AGAIN)


class _Share(Random):
    """Not random at all: gives the one number that a domain is to take its value from."""

    def __init__(self, index: int, seed: str, base: int) -> None:
        super().__init__(0)
        self._share = 0.0
        for place, digits in enumerate(_permutations(seed, base), start=1):
            self._share += digits[index % base] * base**-place
            index //= base

    def random(self) -> float:
        return self._share


@cache
def _permutations(seed: str, base: int) -> tuple[list[int], ...]:
    """Return what each digit stands for, place by place."""
    rng = Random(seed)
    places = next(place for place in count(1) if base**-place < _FINEST)
    return tuple(rng.sample(range(base), base) for _ in range(places))


def _dimension(numbers: Mapping[str, int], path: str) -> int:
    """Return a number that no other setting has: of its leaf, its stage and its block."""
    stage, block = (_number(path, name) for name in ("stages", "blocks"))
    pair = (stage + block) * (stage + block + 1) // 2 + block  # Cantor's
    return numbers[leaf_path(path, numbers)] + len(numbers) * pair


def _number(path: str, name: str) -> int:
    found = re.search(rf"\.{name}\.(\d+)", path)
    return int(found.group(1)) if found else 0


@cache
def _prime(index: int) -> int:
    """Return a prime number by its place, from 0."""
    candidates = count(2 if index == 0 else _prime(index - 1) + 1)
    return next(n for n in candidates if all(n % d for d in range(2, isqrt(n) + 1)))
