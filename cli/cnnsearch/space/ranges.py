"""Ranges as the file gives them, `{min: 1, max: 4}`: which are possible, and what they mean."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cnnsearch.space.domains import RealRange, WholeRange
from cnnsearch.space.expectations import show


@dataclass(frozen=True)
class RangeFault:
    """Why a range is refused, and at which of its keys ("" is the whole range)."""

    key: str
    message: str


def range_faults(low: float, high: float, leaf: dict[str, Any], *, whole: bool) -> list[RangeFault]:
    """Return what is impossible about a range whose two bounds are numbers that the field takes."""
    log = leaf.get("log", False)
    faults = [
        *_step_faults(low, high, leaf, whole=whole),
        *(
            []
            if isinstance(log, bool)
            else [_fault("log", f"log is true or false, not {show(log)}")]
        ),
    ]
    if high < low:
        faults.append(_fault("", f"max must be at least min ({high:g} < {low:g})"))
    if log is True and low <= 0:
        faults.append(_fault("min", f"log needs a min of more than 0, not {low:g}"))
    if log is True and "step" in leaf:
        faults.append(_fault("step", "log and step do not go together; leave one out"))
    return faults


def make_range(
    low: float, high: float, leaf: dict[str, Any], *, whole: bool
) -> WholeRange | RealRange:
    """Return the domain of a range without faults."""
    step, log = leaf.get("step"), leaf.get("log", False)
    if whole:
        return WholeRange(int(low), int(high), int(step or 1), log)
    return RealRange(float(low), float(high), None if step is None else float(step), log)


def _step_faults(
    low: float, high: float, leaf: dict[str, Any], *, whole: bool
) -> Iterator[RangeFault]:
    step = leaf.get("step")
    if "step" not in leaf:
        return
    if isinstance(step, bool) or not isinstance(step, int | float) or not math.isfinite(step):
        yield _fault("step", f"step must be a number, not {show(step)}")
    elif whole and step != int(step):
        yield _fault("step", f"step must be a whole number, not {show(step)}")
    elif step <= 0:
        yield _fault("step", f"step must be more than 0, not {show(step)}")
    elif high > low and not _divides(step, high - low):
        last = low + step * math.floor((high - low) / step)
        text = f"step {step:g} goes from {low:g} to {last:g}, not to {high:g}"
        yield _fault("step", text)


def _divides(step: float, length: float) -> bool:
    return math.isclose(length / step, round(length / step), rel_tol=1e-9) and length >= step / 2


def _fault(key: str, message: str) -> RangeFault:
    return RangeFault(key, message)
