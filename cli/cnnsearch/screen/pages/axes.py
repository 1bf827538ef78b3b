"""What several plots share: the axes of time and of costs, and the rows along them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnsearch.screen.pages.plots import Channel
from cnnsearch.screen.wording import heading

SCORE = ".4f"


def unit_of_time(longest_s: float) -> tuple[str, float]:
    """Return the unit of a time axis, and how many seconds it has."""
    if longest_s > 3 * 3600:
        return "hours of run time", 3600.0
    return ("minutes of run time", 60.0) if longest_s > 180 else ("seconds of run time", 1.0)


def timed_row(look: Mapping[str, Any], seconds: float, **more: Any) -> dict[str, Any]:
    """Return the row of a look, its time in units of so many seconds."""
    return {
        "time": look["elapsed_s"] / seconds,
        "value": look["value"],
        "trial": look["trial"],
        **more,
    }


def is_counted(cost: str) -> bool:
    """Tell whether a cost is a count, and not a time in ms."""
    return cost in ("parameters", "macs")


def cost_axis(cost: str) -> tuple[Channel, tuple[str, str, str]]:
    """Return the axis of a cost, and how it is told of a mark."""
    name = heading(cost)
    if is_counted(cost):
        return Channel("cost", name, format="~s", log=True), ("cost", name, ".4s")
    return Channel("cost", f"{name}, ms", format="~g", log=True), ("cost", name, ".3g")


def step_axis(images: int | None) -> Channel:
    """Return the axis of steps, of so many images each, if that is known."""
    title = "steps" if images is None else f"steps of {images:,} images"
    return Channel("step", title, format="~s", log=True)


def step_note(images: int | None) -> str:
    """Return what a step is, if that is known: not every trial's own."""
    if images is None:
        return ""
    return (
        f"A step is a batch of {images:,} images, the first guess's: a network with larger batches "
        "made fewer of its own."
    )
