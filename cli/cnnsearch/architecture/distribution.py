"""How amounts are spread: percentiles and a histogram."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import Any

PERCENTILES = (5, 25, 50, 75, 95)
BINS = 10
MOST_BARS = 20  # of whole numbers that have a bin each
WIDE = 10  # the most divided by the least: from here on bins are even in the logarithm


def distribution(amounts: Sequence[int]) -> dict[str, Any]:
    """Return the least, the most, percentiles and a histogram of one or more amounts above 0."""
    ordered = sorted(amounts)
    return {
        "min": ordered[0],
        "max": ordered[-1],
        "percentiles": {str(share): _percentile(ordered, share) for share in PERCENTILES},
        "histogram": _histogram(ordered),
    }


def _percentile(ordered: Sequence[int], share: int) -> int:
    """Return the smallest amount that `share` % of all do not exceed."""
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]


def _histogram(ordered: Sequence[int]) -> list[dict[str, int]]:
    """Return the count of each amount, or of ranges where there are more amounts.

    A range holds what is at least `from` and at most `to`. Whole numbers that lie close together
    have one each, those in between that are no amount too: else gaps would look like peaks.
    """
    counts, least, most = Counter(ordered), ordered[0], ordered[-1]
    if len(counts) <= BINS or most - least < MOST_BARS:
        each = range(least, most + 1) if most - least < MOST_BARS else counts
        return [{"from": amount, "to": amount, "count": counts[amount]} for amount in each]
    starts = _starts(ordered[0], ordered[-1])
    numbers = Counter(bisect_right(starts, amount) - 1 for amount in ordered)
    ends = [*(start - 1 for start in starts[1:]), ordered[-1]]
    return [
        {"from": start, "to": end, "count": numbers[index]}
        for index, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def _starts(least: int, most: int) -> list[int]:
    """Return the first whole number of each range, all different."""
    if most >= WIDE * least > 0:
        factor = most / least
        found = [math.ceil(least * factor ** (index / BINS)) for index in range(BINS)]
    else:
        width = (most - least) // BINS + 1  # of each the same, in whole numbers
        found = [*range(least, most + 1, width)]
    return sorted({least, *found[1:]})
