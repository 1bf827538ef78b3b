"""What all competitors found, as a table for people and as a file for programs."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from statistics import mean, stdev

from tests.benchmarks.competitors.contest import Moment, Outcome

from cnnsearch.results.interval import wilson_interval

COLUMNS = (
    *("peer", "budget", "seed", "trials", "wall", "validation"),
    *("test (95 % interval)", "parameters", "machine"),
)
NONE = "none"  # in place of a figure that there is not


@dataclass(frozen=True)
class Result:
    """One competitor with one seed."""

    peer: str
    budget_s: int
    seed: int
    wall_s: float  # of the whole process, final evaluation included
    machine: str  # its cores, and its load before the start
    outcome: Outcome
    curve: Sequence[Moment]

    @property
    def test(self) -> float | None:
        """Accuracy on the test images, 0 to 1."""
        if self.outcome.correct is None or self.outcome.count is None:
            return None
        return self.outcome.correct / self.outcome.count

    def best_at(self, elapsed_s: float) -> float | None:
        """Return the validation accuracy of the best network after so many seconds."""
        return max(
            (m.best_validation for m in self.curve if m.elapsed_s <= elapsed_s), default=None
        )


def by_peer(results: Sequence[Result]) -> Iterator[tuple[str, list[Result]]]:
    """Yield the results of each competitor, in the order in which they first come."""
    names = [result.peer for result in results]
    ordered = sorted(results, key=lambda result: names.index(result.peer))
    for peer, own in groupby(ordered, key=lambda result: result.peer):
        yield peer, list(own)


def table(results: Sequence[Result]) -> Iterator[str]:
    """Yield the lines of a Markdown table: each result, and each peer's mean where it has several.

    What stands after ± is the standard deviation over the seeds.
    """
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{'---|' * len(COLUMNS)}"
    for _, own in by_peer(results):
        yield from (_row(result) for result in own)
        if len(own) > 1:
            yield _mean_row(own)


def write_csv(file: Path, results: Sequence[Result]) -> None:
    """Write all results, a line each."""
    rows = []
    for result in results:
        row = {**asdict(result), **asdict(result.outcome), "test": result.test}
        rows.append({key: row[key] for key in row if key not in ("outcome", "curve")})
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, fieldnames=list(rows[0]) if rows else [])
        writer.writeheader()
        writer.writerows(rows)


def _row(result: Result) -> str:
    outcome = result.outcome
    cells = [
        result.peer,
        f"{result.budget_s} s",
        str(result.seed),
        str(outcome.trials),
        f"{result.wall_s:.0f} s",
        NONE if outcome.validation is None else f"{outcome.validation:.4f}",
        _test(outcome),
        NONE if outcome.parameters is None else f"{outcome.parameters:,}",
        result.machine,
    ]
    return f"| {' | '.join(cells)} |"


def _test(outcome: Outcome) -> str:
    if outcome.correct is None or outcome.count is None:
        return NONE
    low, high = wilson_interval(outcome.correct, outcome.count)
    return f"{outcome.correct / outcome.count:.4f} ({low:.4f} to {high:.4f})"


def _mean_row(own: Sequence[Result]) -> str:
    def over_seeds(figure: Callable[[Result], float | None], form: str) -> str:
        found = [value for value in map(figure, own) if value is not None]
        if len(found) < len(own):  # the mean of the lucky seeds would say too much
            return f"{len(found)} of {len(own)}"
        return f"{mean(found):{form}} ± {stdev(found):{form}}"

    cells = [
        own[0].peer,
        f"{own[0].budget_s} s",
        f"mean of {len(own)}",
        over_seeds(lambda result: result.outcome.trials, ".1f"),
        over_seeds(lambda result: result.wall_s, ".0f") + " s",
        over_seeds(lambda result: result.outcome.validation, ".4f"),
        over_seeds(lambda result: result.test, ".4f"),
        over_seeds(lambda result: result.outcome.parameters, ",.0f"),
        "",
    ]
    return f"| {' | '.join(cells)} |"
