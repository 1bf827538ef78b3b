"""Which settings of a space drive what its networks cost, seen from many candidates.

Of the spread of a cost, in its logarithm, each setting alone accounts for a share: that between the
means of its values, as in an analysis of variance (Hays' omega squared, which takes off what chance
would give). Settings that are always drawn together cannot be told apart by it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from cnnsearch.space import Candidate, Setting, Value

MOST_TOLD = 3  # settings
LEAST_SHARE = 0.01  # of the spread
GROUPS = 5  # of a range with many values
FEWEST = 20  # candidates; fewer tell little
Groups: TypeAlias = "dict[float | str, list[tuple[Value, float]]]"  # (value, logarithm of the cost)


def drivers(candidates: Sequence[Candidate], amounts: Sequence[int]) -> list[dict[str, Any]]:
    """Return the settings that drive a cost most, the strongest first.

    `share` is what a setting alone accounts for; `lowest` and `highest` hold the values with the
    least and the most cost, from the geometric means.

    Args:
        candidates: Those looked at.
        amounts: Of each the cost, above 0.
    """
    costs = [math.log(amount) for amount in amounts]
    whole = _squares(costs) if len(costs) >= FEWEST else 0
    if not whole:
        return []
    paths = dict.fromkeys(path for each in candidates for path in each.settings)
    found = [_driver(path, candidates, costs, whole) for path in paths]
    told = [each for each in found if each and each["share"] >= LEAST_SHARE]
    return sorted(told, key=lambda each: -each["share"])[:MOST_TOLD]


def _driver(
    path: str, candidates: Sequence[Candidate], costs: Sequence[float], whole: float
) -> dict[str, Any] | None:
    groups: Groups = {}
    for candidate, cost in zip(candidates, costs, strict=True):
        if path in candidate.settings:  # where it is not active, it drives nothing
            value = candidate.settings[path]
            key = _key(candidate.choices[path], value)
            groups.setdefault(key, []).append((value, cost))
    if len(groups) < 2:
        return None
    ordered = sorted(groups.values(), key=lambda group: fmean(cost for _, cost in group))
    return {
        "setting": path,
        "share": _share(ordered, whole),
        "lowest": _told(ordered[0]),
        "highest": _told(ordered[-1]),
    }


def _key(setting: Setting, value: Value) -> float | str:
    """Return what tells groups apart: the value, or of a range with many a fifth of it."""
    size, position = setting.domain.size(), setting.domain.position(value)
    if position is None or (size is not None and size <= 2 * GROUPS):
        return repr(value)
    return min(int(position * GROUPS), GROUPS - 1)


def _share(groups: Iterable[Sequence[tuple[Value, float]]], whole: float) -> float:
    """Return what lies between the means of groups, as a share of all that there is."""
    split = [[cost for _, cost in group] for group in groups]
    every = [cost for group in split for cost in group]
    within = sum(_squares(group) for group in split)
    by_chance = (len(split) - 1) * within / max(1, len(every) - len(split))
    return round(max(0.0, (_squares(every) - within - by_chance) / whole), 4)


def _squares(numbers: Sequence[float]) -> float:
    middle = fmean(numbers)
    return sum((number - middle) ** 2 for number in numbers)


def _told(group: Sequence[tuple[Value, float]]) -> dict[str, Any]:
    """Return the values of a group, one or the ends of a range, and its geometric mean."""
    values = [value for value, _ in group]
    ends = [values[0]] if len({*map(repr, values)}) == 1 else [min(values), max(values)]  # type: ignore[type-var]  # many are of a range: numbers
    return {"values": ends, "mean": round(math.exp(fmean(cost for _, cost in group)))}
