"""How amounts are spread: percentiles and a histogram."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import Any

PERCENTILES = (5, 25, 50, 75, 95)
BINS = 10
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
    """Return the count of each amount, or of ten ranges where there are more amounts.

    A range holds what is at least `from` and at most `to`.
    """
    counts = Counter(ordered)
    if len(counts) <= BINS:
        return [{"from": each, "to": each, "count": count} for each, count in counts.items()]
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
        found = [math.ceil(least + (most - least) * index / BINS) for index in range(BINS)]
    return sorted({least, *found[1:]})
