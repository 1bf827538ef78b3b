"""The figures of a run that a gate may limit, each in the unit of its limits."""

from __future__ import annotations

from dataclasses import dataclass

from cnnsearch.results.finished import Finished
from cnnsearch.space.constraints import LATENCIES


@dataclass(frozen=True)
class Figure:
    """A figure, and the range of it that chance explains, where it is not exact."""

    value: float
    low: float
    high: float


def figure(run: Finished, name: str) -> Figure | None:
    """Return accuracies as shares, counts, sizes in bytes and latencies in microseconds.

    `export_size` is that of the largest exported model. None where the run does not know it.
    """
    if name in ("test_accuracy", "val_accuracy"):
        found = run.accuracy(name)
        return None if found is None else Figure(found.accuracy, found.low, found.high)
    if name == "export_size":
        return _exact(
            max((each.size_bytes or 0 for each in run.summary.exports), default=0) or None
        )
    if run.summary.winner is None:
        return None
    if name in LATENCIES:
        return _latency(run, name)
    return _exact(getattr(run.summary.winner, name))


def _exact(value: float | None) -> Figure | None:
    return None if value is None else Figure(value, value, value)


def _latency(run: Finished, name: str) -> Figure | None:
    assert run.summary.winner is not None
    found = run.summary.winner.measured.get(name)
    if found is None:
        return None
    median = found.median_ms
    low = median if found.low_ms is None else found.low_ms
    high = median if found.high_ms is None else found.high_ms
    return Figure(1_000 * median, 1_000 * low, 1_000 * high)
