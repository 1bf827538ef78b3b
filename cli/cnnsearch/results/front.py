"""The trials of a run that no other dominates, and how the front has grown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, log
from typing import Any

from cnnsearch.records.dominance import Point, covers, undominated
from cnnsearch.records.events import Event
from cnnsearch.records.objectives import Direction
from cnnsearch.records.trial import TrialRecord
from cnnsearch.results.hypervolume import added_volume

REFERENCE = 1.1  # a little beyond the worst value, so that the ends of the front have a volume too


@dataclass(frozen=True)
class Scale:
    """The best and the worst value of an objective that the run has seen."""

    best: float
    worst: float
    is_log: bool  # costs, where half as much is as good a step from anywhere

    def place(self, value: float) -> float:
        """Return where a value lies: 0 the best, 1 the worst."""
        best, worst, own = (self._even(each) for each in (self.best, self.worst, value))
        return (own - best) / (worst - best) if worst != best else 0.0

    def _even(self, value: float) -> float:
        return log(value) if self.is_log else value


def front(
    objectives: Mapping[str, Direction], trials: Sequence[TrialRecord], events: Sequence[Event]
) -> dict[str, Any] | None:
    """Return the front of all trials with a score that did not fail; None with one objective only.

    Its hypervolume is the share, 0 to 1, of the space between each objective's best value seen and
    `REFERENCE` (a tenth beyond the worst one seen) that the front dominates, on a logarithmic scale
    for costs. It is given after every trial that has raised it. Because the scales are the run's
    own, it does not compare one run with another.
    """
    if len(objectives) < 2:
        return None
    scored = sorted(
        (trial for trial in trials if not trial.failed and trial.values),
        key=lambda trial: (trial.parameters, trial.macs, trial.number),
    )
    scales = _scales(objectives, scored)
    points = [_point(trial, scales) for trial in scored]
    return {
        "trials": [_member(scored[index], objectives) for index in undominated(points)],
        "scales": {
            name: {"best": scale.best, "worst": scale.worst, "log": scale.is_log}
            for name, scale in scales.items()
        },
        "hypervolume": _growth(scored, points, _ended_s(events)),
    }


def _scales(objectives: Mapping[str, Direction], trials: Sequence[TrialRecord]) -> dict[str, Scale]:
    scales = {}
    columns = zip(*(trial.values or () for trial in trials), strict=True)
    for index, (name, column) in enumerate(zip(objectives, columns, strict=False)):
        low, high = min(column), max(column)
        best, worst = (high, low) if objectives[name] == "max" else (low, high)
        scales[name] = Scale(best, worst, is_log=index > 0 and low > 0)
    return scales


def _point(trial: TrialRecord, scales: Mapping[str, Scale]) -> Point:
    values = zip(scales.values(), trial.values or (), strict=True)
    return tuple(scale.place(value) for scale, value in values)


def _member(trial: TrialRecord, objectives: Mapping[str, Direction]) -> dict[str, Any]:
    return {"trial": trial.number, "values": dict(zip(objectives, trial.values or (), strict=True))}


def _ended_s(events: Sequence[Event]) -> dict[int, float]:
    """Return the run time at which each trial ended, in seconds."""
    ended = (event for event in events if event["event"] == "trial_ended" and "trial" in event)
    return {event["trial"]: event["elapsed_s"] for event in ended}


def _growth(
    trials: Sequence[TrialRecord], points: Sequence[Point], ended_s: Mapping[int, float]
) -> list[dict[str, Any]]:
    """Return the hypervolume after each trial that raised it: those first that ended, in order."""
    order = sorted(
        zip(trials, points, strict=True),
        key=lambda each: (ended_s.get(each[0].number, inf), each[0].number),
    )
    growth: list[dict[str, Any]] = []
    reached: list[Point] = []
    volume = 0.0
    for trial, point in order:
        if any(covers(other, point) for other in reached):
            continue
        reference = (REFERENCE,) * len(point)
        volume += added_volume(point, reached, reference) / REFERENCE ** len(point)
        reached = [*(other for other in reached if not covers(point, other)), point]
        at = {"trial": trial.number, "elapsed_s": ended_s.get(trial.number)}
        growth.append({**at, "hypervolume": round(volume, 6)})
    return growth
