"""Whether a run is better than its baseline in what the gate holds against it."""

from __future__ import annotations

from collections.abc import Sequence

from cnnsearch.results.finished import Finished
from cnnsearch.results.gate.figures import figure
from cnnsearch.results.gate.judge import ABSOLUTE, Check


def compared(checks: Sequence[Check]) -> list[Check]:
    """Return the checks that held a figure against that of a baseline."""
    return [
        check
        for check in checks
        if check.limit not in ABSOLUTE and check.outcome in ("passed", "failed")
    ]


def why_not_compared(checks: Sequence[Check]) -> str | None:
    """Return why a baseline says nothing of a run, where not one figure was compared with it."""
    against = [check for check in checks if check.limit not in ABSOLUTE]
    if not against:
        return "no limit has a `max_drop` or `max_rise`"
    if compared(checks):
        return None
    return "; ".join(dict.fromkeys(f"{check.figure}: {check.reason}" for check in against))


def is_improvement(run: Finished, baseline: Finished, checks: Sequence[Check]) -> bool:
    """Tell whether no figure with a `max_drop` or `max_rise` is worse, and one is better.

    Worse is any difference, so that nothing gets worse bit by bit, but of a latency one that
    measuring it again does not explain; better is one that chance does not explain. What cannot be
    compared has no say.
    """
    gains = [_gain(run, baseline, check) for check in compared(checks)]
    return -1 not in gains and 1 in gains


def _gain(run: Finished, baseline: Finished, check: Check) -> int:
    """Return -1 where the figure is worse, 1 where it is better, and 0 where that may be chance."""
    if check.difference is not None:
        change, is_clear = check.difference["change"], not check.difference["may_be_chance"]
        return -1 if change < 0 else int(change > 0 and is_clear)
    own, other = figure(run, check.figure), figure(baseline, check.figure)
    assert own is not None  # both were compared
    assert other is not None
    if own.low > other.high:
        return -1
    return int(own.high < other.low)
