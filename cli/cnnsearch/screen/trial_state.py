"""What is known of one trial, and which trials are ahead of others."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cnnsearch.records.dominance import Point, undominated
from cnnsearch.records.tally import MAY_WIN
from cnnsearch.screen.fields import Event, number

BEST_COUNT = 5


@dataclass
class TrialState:
    """What is known of one trial; `value` is the best of its scores."""

    number: int
    state: str = "running"  # also where its worker is gone and another takes it up
    value: float | None = None
    scored_step: int | None = None  # where it had that value
    parameters: int | None = None
    macs: int | None = None
    latencies: Event = field(default_factory=dict)  # measured, in ms
    settings: Mapping[str, Any] = field(default_factory=dict)
    step: int = 0
    next_look: int | None = None
    top_step: int | None = None
    loss: float | None = None
    accuracy: float | None = None
    images_per_s: float | None = None


def front(
    trials: Iterable[TrialState], *, direction: str, costs: Sequence[str]
) -> list[TrialState]:
    """Return the trials that no other dominates; without costs all with a value, best first.

    Of equals the cheapest one comes first, as the winner is chosen, and then the earlier.
    """
    ranked = sorted(
        (
            (_point(trial, trial.value, direction, costs), trial)
            for trial in trials
            if trial.value is not None and trial.state in MAY_WIN
        ),
        key=lambda entry: (entry[0], *_size(entry[1]), entry[1].number),
    )
    kept = undominated([point for point, _ in ranked]) if costs else range(len(ranked))
    return [ranked[index][1] for index in kept]


def _point(trial: TrialState, value: float, direction: str, costs: Sequence[str]) -> Point:
    """Return the trial's value and costs, of which less is better; unknown costs are worst."""
    known = {"parameters": trial.parameters, "macs": trial.macs, **trial.latencies}
    found = (number(known, name) for name in costs)
    worst_if_unknown = (math.inf if cost is None else cost for cost in found)
    return (value if direction == "min" else -value, *worst_if_unknown)


def _size(trial: TrialState) -> tuple[float, ...]:
    costs = (trial.parameters, trial.macs)
    return tuple(math.inf if cost is None else cost for cost in costs)
