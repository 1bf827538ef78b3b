"""How good each competitor's best network was, at any time: in words, and as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from tests.benchmarks.competitors.standings import NONE, Result, by_peer

SHARES = (0.05, 0.1, 0.2, 0.5, 1.0)  # of the budget
POINTS = 500  # of a drawn curve
MARKS = (0.1, 0.3, 0.5, 0.7, 0.8, 0.85, 0.88, 0.9, 0.92, 0.94, 0.96, 0.98, 0.99)  # beside it


def lines(results: Sequence[Result]) -> Iterator[str]:
    """Yield a line for each competitor: its best validation accuracy at shares of the budget."""
    if not results:
        return
    budget_s = results[0].budget_s
    width = max(len(result.peer) for result in results)
    yield "Best validation accuracy so far, mean of the seeds"
    yield " " * width + "".join(f"{f'{share * budget_s:g} s':>9}" for share in SHARES)
    for peer, own in by_peer(results):
        cells = [mean_at(own, share * budget_s) for share in SHARES]
        shown = (NONE if value is None else f"{value:.4f}" for value in cells)
        yield f"{peer:{width}}" + "".join(f"{cell:>9}" for cell in shown)


def mean_at(own: Sequence[Result], elapsed_s: float) -> float | None:
    """Return the mean over the seeds after so many seconds; None while one has no network."""
    found = [result.best_at(elapsed_s) for result in own]
    scores = [score for score in found if score is not None]
    return mean(scores) if len(scores) == len(found) else None


def draw(file: Path, results: Sequence[Result]) -> bool:
    """Draw the curves, each with the range of its seeds; return whether matplotlib is there."""
    try:
        from matplotlib.figure import Figure
        from matplotlib.ticker import LogLocator, NullLocator
    except ImportError:
        return False
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    # Both axes spread out what a linear one would press together: the first seconds, and the top.
    axes.set(xlabel="seconds", xscale="log", ylabel="best validation accuracy", yscale="logit")
    for peer, own in by_peer(results):
        _draw_peer(axes, peer, own)
    limits = axes.get_ylim()
    axes.set_yticks(MARKS, [f"{mark:g}" for mark in MARKS])
    axes.set_ylim(limits)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(file, dpi=150)
    return True


def _draw_peer(axes: Any, peer: str, own: Sequence[Result]) -> None:
    budget_s = own[0].budget_s
    times = [budget_s * (point + 1) / POINTS for point in range(POINTS)]
    reached = [time for time in times if mean_at(own, time) is not None]
    seeds = [[result.best_at(time) or 0.0 for result in own] for time in reached]
    lowest, highest = [min(scores) for scores in seeds], [max(scores) for scores in seeds]
    means = [mean(scores) for scores in seeds]
    (line,) = axes.plot(reached, means, drawstyle="steps-post", label=peer)
    axes.fill_between(reached, lowest, highest, step="post", alpha=0.15, color=line.get_color())
