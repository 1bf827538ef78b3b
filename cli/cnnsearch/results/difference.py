"""How far apart two accuracies are, and whether chance explains it.

Where both networks answered the same test images, each image is a pair, and only those count that
one network got right and the other wrong: McNemar's test (1947, Psychometrika 12:153), exact, with
the interval of Agresti and Min (2005, Stat. Med. 24:729). Otherwise the two proportions are
independent, which sees less: Newcombe's interval from two Wilson ones (1998, Stat. Med. 17:873,
method 10).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

from cnnsearch.results.finished import Finished
from cnnsearch.results.interval import Z_95
from cnnsearch.results.summary_model import Interval

LEVEL = 0.05  # two-sided: what happens more often than this by chance may be chance


@dataclass(frozen=True)
class Difference:
    """How much more accurate one network is than another, with its 95 % interval.

    `only_one` and `only_other` are the images that just one of them got right, and `chance` the
    probability of such a difference or a larger one between networks that are equally good.
    """

    change: float
    low: float
    high: float
    test: Literal["mcnemar", "newcombe"]
    chance: float | None = None
    only_one: int | None = None
    only_other: int | None = None

    @property
    def may_be_chance(self) -> bool:
        """Tell whether equally good networks would differ so in more than 5 % of cases."""
        return self.low <= 0 <= self.high if self.chance is None else self.chance >= LEVEL

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return {**vars(self), "may_be_chance": self.may_be_chance}


def accuracy_difference(one: Finished, other: Finished, which: str) -> Difference | None:
    """Return how much more accurate `one` is, or None where an accuracy is not known.

    `which` is `test_accuracy`, paired where both have kept their predictions of the same test
    split, or `val_accuracy`, never paired: of those images, no predictions are kept.
    """
    first, second = one.accuracy(which), other.accuracy(which)
    if first is None or second is None:
        return None
    pairs = _discordant(one, other) if which == "test_accuracy" else None
    if pairs is None:
        return independent_difference(first, second)
    return paired_difference(*pairs, first.count)


def paired_difference(only_one: int, only_other: int, count: int) -> Difference:
    """Return the difference of two accuracies on the same `count` images."""
    change = (only_one - only_other) / count
    more, middle = count + 2, (only_one - only_other) / (count + 2)  # half an image in each cell
    half = Z_95 * sqrt((only_one + only_other + 1) / more - middle**2) / sqrt(more)
    low, high = max(-1.0, middle - half), min(1.0, middle + half)
    chance = mcnemar(only_one, only_other)
    return Difference(change, low, high, "mcnemar", chance, only_one, only_other)


def mcnemar(only_one: int, only_other: int) -> float:
    """Return the two-sided p-value that a fair coin gives sides at least as unequal."""
    total, fewer = only_one + only_other, min(only_one, only_other)
    ways, term = 0, 1  # whole numbers of any size: nothing is rounded
    for k in range(fewer + 1):
        ways += term
        term = term * (total - k) // (k + 1)  # the next binomial coefficient
    return min(1.0, ways / (1 << total) * 2)


def independent_difference(one: Interval, other: Interval) -> Difference:
    """Return the difference of two accuracies that were counted on different images."""
    change = one.accuracy - other.accuracy
    below = sqrt((one.accuracy - one.low) ** 2 + (other.high - other.accuracy) ** 2)
    above = sqrt((one.high - one.accuracy) ** 2 + (other.accuracy - other.low) ** 2)
    return Difference(change, change - below, change + above, "newcombe")


def same_test_split(one: Finished, other: Finished) -> bool | None:
    """Tell whether both runs had the same images and labels; None where one does not say."""
    mine, its = (each.summary.run.dataset.fingerprint for each in (one, other))
    return None if mine is None or its is None else mine == its


def _discordant(one: Finished, other: Finished) -> tuple[int, int] | None:
    """Return how many images only `one` got right, and only `other`; None if they do not pair."""
    import numpy as np

    if not same_test_split(one, other):
        return None
    mine, its = one.right(), other.right()
    if mine is None or its is None or not np.array_equal(mine[1], its[1]):
        return None
    return int((mine[0] & ~its[0]).sum()), int((its[0] & ~mine[0]).sum())
