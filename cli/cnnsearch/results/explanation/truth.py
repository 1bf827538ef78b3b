"""Whether the cheap looks told the truth: do the later ones rank the trials in the same order?"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from typing import Any

from cnnsearch.records.trial import TrialRecord

LEAST_TRIALS = 3  # with two, any ranking is perfect or perfectly wrong


def early_looks(trials: Sequence[TrialRecord]) -> list[dict[str, Any]]:
    """Compare each rung with the next, and the first with the last that enough trials reached.

    Only trials that were looked at on both count. Pruning chose them by the earlier score, so they
    lie close together there, and the correlation is lower than it would be among all trials.
    """
    counts = Counter(step for trial in trials for step in trial.looks)
    steps = sorted(step for step, looks in counts.items() if looks >= LEAST_TRIALS)
    reached = [step for step in steps if len(_at_both(trials, steps[0], step)) >= LEAST_TRIALS]
    pairs = list(pairwise(reached))
    if len(reached) > 2:
        pairs.append((reached[0], reached[-1]))
    compared = [(early, late, _at_both(trials, early, late)) for early, late in pairs]
    return [
        {"from_step": early, "to_step": late, "trials": len(scores), **_agreement(scores)}
        for early, late, scores in compared
        if len(scores) >= LEAST_TRIALS
    ]


def spearman(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return the rank correlation (Spearman 1904): 1 for one order, -1 for the reverse.

    Equal values share their mean rank. None where all of one side are equal.
    """
    early, late = _ranks([pair[0] for pair in pairs]), _ranks([pair[1] for pair in pairs])
    middle = (len(pairs) + 1) / 2
    together = sum((x - middle) * (y - middle) for x, y in zip(early, late, strict=True))
    apart = sqrt(sum((x - middle) ** 2 for x in early) * sum((y - middle) ** 2 for y in late))
    return together / apart if apart else None


def same_order(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return the share of all twos in which the one ahead early was ahead late too; ties left out.

    It is (tau + 1) / 2 of Kendall's tau (1938) where there are no ties.
    """
    kept = swapped = 0
    earlier: list[float] = []  # the late values of all with less at the early look, sorted
    waiting: list[float] = []  # of those equal at the early look
    ordered = sorted(pairs)
    for index, (early, late) in enumerate(ordered):
        if index and ordered[index - 1][0] != early:
            for value in waiting:
                insort(earlier, value)
            waiting = []
        kept += bisect_left(earlier, late)
        swapped += len(earlier) - bisect_right(earlier, late)
        waiting.append(late)
    return kept / (kept + swapped) if kept + swapped else None


def _agreement(scores: Sequence[tuple[float, float]]) -> dict[str, float | None]:
    found = {"spearman": spearman(scores), "same_order": same_order(scores)}
    return {name: value if value is None else round(value, 4) for name, value in found.items()}


def _at_both(trials: Sequence[TrialRecord], early: int, late: int) -> list[tuple[float, float]]:
    return [
        (trial.looks[early], trial.looks[late])
        for trial in trials
        if early in trial.looks and late in trial.looks
    ]


def _ranks(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    return [
        (bisect_left(ordered, value) + bisect_right(ordered, value) + 1) / 2 for value in values
    ]
