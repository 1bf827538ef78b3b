"""The fronts of several runs laid over each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnnsearch.records.dominance import Point, covers, undominated
from cnnsearch.results.finished import Finished


def fronts_over_each_other(runs: Sequence[Finished]) -> dict[str, Any] | None:
    """Return the front of all fronts, and how much of each front another run's covers.

    Where runs have equal members, each is on it: neither dominates the other.

    `covered` is the share of the members of `run` that some member of `by` equals or betters
    (Zitzler and Thiele 1999, doi:10.1109/4235.797969, equation 13). Null unless all runs have a
    front, with the same objectives.
    """
    objectives = runs[0].summary.run.objectives
    if any(not run.summary.front or run.summary.run.objectives != objectives for run in runs):
        return None
    members: list[dict[str, Any]] = [
        {"run": run.name, "trial": each.trial, "values": each.values}
        for run in runs
        if run.summary.front
        for each in run.summary.front.trials
    ]
    points = [_point(member["values"], objectives) for member in members]
    by_run = {
        run.name: [p for p, m in zip(points, members, strict=True) if m["run"] == run.name]
        for run in runs
    }
    return {
        "objectives": objectives,
        "trials": [
            member
            for place in (points[index] for index in undominated(points))
            for member, point in zip(members, points, strict=True)
            if point == place
        ],
        "covered": [
            {"run": one, "by": other, "share": _covered(by_run[one], by_run[other])}
            for one in by_run
            for other in by_run
            if one != other
        ],
    }


def _point(values: Mapping[str, float], objectives: Mapping[str, str]) -> Point:
    """Return the values such that less is better in each."""
    return tuple(
        -values[name] if direction == "max" else values[name]
        for name, direction in objectives.items()
    )


def _covered(points: Sequence[Point], others: Sequence[Point]) -> float:
    covered = sum(any(covers(other, point) for other in others) for point in points)
    return covered / len(points) if points else 0.0
