"""How the settings of trials are worded: in short, and those first that tell trials apart."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cnnsearch.screen.fields import printable

Settings = Mapping[str, Any]


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
    """Return for each path its shortest ending that no other path has: `1.kernel_size`.

    The number of a stage or block is always told.
    """
    split = {path: path.split(".") for path in dict.fromkeys(paths)}
    endings: dict[str, int] = {}
    for parts in split.values():
        for start in range(len(parts)):
            ending = ".".join(parts[start:])
            endings[ending] = endings.get(ending, 0) + 1
    return {path: _shortest(parts, endings) for path, parts in split.items()}


def telling_settings(rows: Sequence[Settings], every: Iterable[Settings] = ()) -> list[str]:
    """Return a line for each row of settings, those first that tell the rows apart.

    These are the settings that differ between the rows: of the whole network before those of
    single stages or blocks, and those with many values among the rows before those with few.

    Args:
        rows: The settings of the trials that are listed.
        every: The settings of all trials of the run, in their order: they fix the names and the
            order of settings, whichever trials are listed.
    """
    paths = list(dict.fromkeys(path for row in (*every, *rows) for path in row))
    names = short_names(paths)
    shown = [{path: setting_value(value) for path, value in row.items()} for row in rows]
    values = {path: len({row.get(path) for row in shown}) for path in paths}
    ordered = sorted(paths, key=lambda path: (values[path] < 2, _is_local(path), -values[path]))
    return [
        " ".join(f"{printable(names[path])}={row[path]}" for path in ordered if path in row)
        for row in shown
    ]


def _shortest(parts: Sequence[str], endings: Mapping[str, int]) -> str:
    numbers = [index for index, part in enumerate(parts) if part.isdecimal()]
    latest = min(numbers[0] if numbers else len(parts), len(parts) - 1)
    candidates = (".".join(parts[start:]) for start in reversed(range(latest + 1)))
    return next((ending for ending in candidates if endings[ending] == 1), ".".join(parts))


def _is_local(path: str) -> bool:
    return any(part.isdecimal() for part in path.split("."))
