"""How many trials a run has begun and what became of them: counted and worded in one way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cnnsearch.records.trial import FAILURES
from cnnsearch.space.quantities import plural

Counts = Mapping[str, int]  # how many trials are in which state; "trials" is their sum

# "stopped": the search ended; "over_limit": of a measured limit, and so not trained
ENDED = ("complete", "pruned", "stopped", "over_limit", *FAILURES)
MAY_GO_ON = ("paused", "running", "unfinished")
MAY_WIN = ("complete", "pruned", "stopped", "timed_out", *MAY_GO_ON)  # where they have a score


def begun(counts: Counts) -> int:
    """Return how many trials were begun, ended or not."""
    return _sum(counts, (*ENDED, *MAY_GO_ON))


def ended(counts: Counts) -> int:
    """Return how many of the ended trials take one from the budget: all within measured limits."""
    return _sum(counts, ENDED) - counts.get("over_limit", 0)


def left(counts: Counts) -> dict[str, int]:
    """Return the counts of a run that nobody works on: what was in training is unfinished."""
    return {"unfinished" if state == "running" else state: n for state, n in counts.items()}


def tally(counts: Counts, *, by_kind: bool = True) -> str:
    """Return `13 trials: 3 complete, 8 pruned, 1 failed (1 diverged), 1 running`."""
    failed = _sum(counts, FAILURES)
    parts = _counted(counts, ("complete", "pruned", "stopped", "over_limit"))
    if failed:
        kinds = f" ({', '.join(_counted(counts, FAILURES))})" if by_kind else ""
        parts.append(f"{failed:,} failed{kinds}")
    parts += _counted(counts, MAY_GO_ON)
    words = plural(begun(counts), "trial")
    return f"{words}: {', '.join(parts)}" if parts else words


def state_words(state: str) -> str:
    """Return a trial's state as words: `out of memory`."""
    return "cut short" if state == "stopped" else state.replace("_", " ")


def _sum(counts: Counts, states: Iterable[str]) -> int:
    return sum(counts.get(state, 0) for state in states)


def _counted(counts: Counts, states: Iterable[str]) -> list[str]:
    return [f"{counts[state]:,} {state_words(state)}" for state in states if counts.get(state)]
