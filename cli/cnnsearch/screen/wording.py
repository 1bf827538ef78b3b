"""How numbers, counts and settings are worded, on the screen and in the results."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from cnnsearch.screen.board import FAILURES
from cnnsearch.screen.fields import Event, finite, number, printable, text, whole
from cnnsearch.space.quantities import format_count, format_duration

NOTHING = "-"


def score(value: float | None) -> str:
    """Return an accuracy or a loss with four decimals."""
    return NOTHING if value is None else f"{value:.4f}" if abs(value) < 1e6 else f"{value:.3g}"


def count(value: int | None) -> str:
    """Return a large count in short: `61.7k`."""
    return NOTHING if value is None else format_count(value)


def whole_number(value: float | None) -> str:
    """Return a count in full: `2,000`."""
    return NOTHING if value is None else f"{value:,.0f}"


def duration(value_s: float | None) -> str:
    """Return a time in whole seconds: `1m 30s`."""
    return NOTHING if value_s is None else format_duration(math.floor(max(0.0, value_s)))


def size(value_bytes: float | None) -> str:
    """Return a file size in decimal units: `1.2 MB`."""
    if value_bytes is None:
        return NOTHING
    for unit, bytes_each in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value_bytes >= bytes_each:
            return f"{value_bytes / bytes_each:.1f} {unit}"
    return f"{value_bytes:.0f} bytes"


def costs(parameters: int | None, macs: int | None) -> str:
    """Return what a network costs: `61.7k parameters, 2.1M MACs`."""
    known = ((parameters, "parameters"), (macs, "MACs"))
    return ", ".join(f"{format_count(value)} {unit}" for value, unit in known if value is not None)


def accuracy(measured: Event) -> str:
    """Return an accuracy with its 95 % interval and the number of examples."""
    value = score(number(measured, "accuracy"))
    low, high = number(measured, "low"), number(measured, "high")
    examples = whole(measured, "count")
    parts = []
    if low is not None and high is not None:
        parts.append(f"95 % interval {score(low)} to {score(high)}")
    if examples is not None:
        parts.append(f"{examples:,} examples")
    return f"{value} ({', '.join(parts)})" if parts else value


def export(exported: Event, folder: str | None = None) -> str:
    """Return one line about an exported file, its path within the run's `folder` made whole."""
    words = f"exported {text(exported, 'format') or 'a model'}"
    path, size_bytes = text(exported, "path"), finite(exported, "size_bytes")
    difference = number(exported, "largest_difference")
    facts = [size(size_bytes)] if size_bytes is not None else []
    facts += [f"differs by {difference:.1g} at most"] if difference is not None else []
    words += f" ({', '.join(facts)})" if facts else ""
    return f"{words}: {PurePath(folder or '', path)}" if path else words


def trial_counts(counts: Mapping[str, int], *, by_kind: bool = False) -> str:
    """Return how trials ended: `3 complete, 8 pruned, 1 failed`."""
    failed = {state: counts[state] for state in FAILURES if counts.get(state)}
    parts = [f"{counts[state]} {state}" for state in ("complete", "pruned") if counts.get(state)]
    if failed:
        kinds = ", ".join(f"{number} {state_words(state)}" for state, number in failed.items())
        parts.append(f"{sum(failed.values())} failed" + (f" ({kinds})" if by_kind else ""))
    return ", ".join(parts)


def ended_trials(counts: Mapping[str, int]) -> int:
    """Return how many trials have ended."""
    return sum(counts.get(state, 0) for state in ("complete", "pruned", *FAILURES))


def plural(number: int, noun: str) -> str:
    """Return `1 trial` or `2 trials`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def state_words(state: str) -> str:
    """Return a state as words: `out of memory`."""
    return state.replace("_", " ")


def setting_value(value: Any) -> str:
    """Return a setting's value in short."""
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, str):
        return printable(value)
    try:
        return printable(json.dumps(value, separators=(",", ":")))
    except (TypeError, ValueError):
        return printable(str(value))


def short_names(paths: Iterable[str]) -> dict[str, str]:
    """Return for each path its shortest ending that no other path has."""
    split = {path: path.split(".") for path in dict.fromkeys(paths)}
    endings: dict[str, int] = {}
    for parts in split.values():
        for start in range(len(parts)):
            ending = ".".join(parts[start:])
            endings[ending] = endings.get(ending, 0) + 1
    return {path: _shortest(parts, endings) for path, parts in split.items()}


def telling_settings(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a line for each row of settings: those that differ between the rows come first.

    A setting of the whole network is told before one of a single stage or block.
    """
    paths = list(dict.fromkeys(path for row in rows for path in row))
    names = short_names(paths)
    shown = [{path: setting_value(value) for path, value in row.items()} for row in rows]
    differing = {path for path in paths if len({row.get(path) for row in shown}) > 1}
    ordered = sorted(paths, key=lambda path: (path not in differing, _is_local(path)))
    return [
        " ".join(f"{printable(names[path])}={row[path]}" for path in ordered if path in row)
        for row in shown
    ]


def _shortest(parts: list[str], endings: Mapping[str, int]) -> str:
    candidates = (".".join(parts[start:]) for start in reversed(range(len(parts))))
    return next((ending for ending in candidates if endings[ending] == 1), ".".join(parts))


def _is_local(path: str) -> bool:
    return any(part.isdecimal() for part in path.split("."))
