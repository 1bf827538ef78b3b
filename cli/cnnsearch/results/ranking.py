"""Which trials of a summary may be the answer, and which is ahead: as the study ranks them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from cnnsearch.records.tally import MAY_WIN

Trial = Mapping[str, Any]


def may_win(trial: Trial) -> bool:
    """Tell whether a trial was scored and did not fail: out of time is no failure."""
    return trial.get("state") in MAY_WIN and _finite(trial.get("value")) is not None


def best_first(trials: Iterable[Trial], objectives: Mapping[str, Any]) -> list[Trial]:
    """Return the trials that may win, best score first; of equals the cheapest, then the earlier.

    Args:
        trials: Of a summary.
        objectives: Of the run: the score first, then costs, which come first among equals.
    """
    return sorted(filter(may_win, trials), key=lambda trial: _place(trial, objectives))


def _place(trial: Trial, objectives: Mapping[str, Any]) -> tuple[float, ...]:
    way = next(iter(objectives.values()), "max")
    score = trial["value"] if way == "min" else -trial["value"]
    costs = [cost(trial, name) for name in [*objectives][1:]]
    last = [cost(trial, "parameters"), cost(trial, "macs"), _finite(trial.get("number"))]
    return (score, *(math.inf if each is None else each for each in (*costs, *last)))


def cost(trial: Trial, name: str) -> float | None:
    """Return the parameters, the MACs or a measured latency (in ms), where it is known."""
    if name in ("parameters", "macs"):
        return _finite(trial.get(name))
    measured = trial.get("measured")
    found = measured.get(name) if isinstance(measured, Mapping) else None
    return _finite(found.get("median_ms")) if isinstance(found, Mapping) else None


def _finite(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None  # type: ignore[arg-type]
