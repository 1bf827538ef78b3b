"""Tolerant readers for the events of a run.

Events come from files that may be cut short and from other versions of the program, and no event
may stop a run because it could not be shown: what is missing or of the wrong type reads as None.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

Event = Mapping[str, Any]

LARGEST_WHOLE = 10**18  # more than any count of ours; keeps damaged values printable


def number(event: Event, key: str) -> float | None:
    """Return a number, NaN and infinity included (a diverged loss is worth showing)."""
    value = event.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def finite(event: Event, key: str) -> float | None:
    """Return a finite number of a size that can be printed."""
    value = number(event, key)
    return value if value is not None and abs(value) <= LARGEST_WHOLE else None


def whole(event: Event, key: str) -> int | None:
    """Return a finite number as a whole one."""
    value = finite(event, key)
    return None if value is None else math.floor(value)


def text(event: Event, key: str) -> str | None:
    """Return a text fit for a terminal."""
    value = event.get(key)
    return printable(value) if isinstance(value, str) else None


def moment(event: Event, key: str) -> datetime | None:
    """Return a time, written as in ISO 8601, as local time with its zone."""
    try:
        return datetime.fromisoformat(event[key]).astimezone()
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def section(event: Event, key: str) -> Event:
    """Return a mapping with texts as keys, empty when there is none."""
    value = event.get(key)
    return {str(name): inner for name, inner in value.items()} if isinstance(value, Mapping) else {}


def mappings(event: Event, key: str) -> list[Event]:
    """Return the mappings of a list, none when there is no list."""
    value = event.get(key)
    entries = value if isinstance(value, list) else []
    return [entry for entry in entries if isinstance(entry, Mapping)]


def printable(value: str) -> str:
    """Return `value` without control characters, escape sequences and lone surrogates."""
    return "".join(char if char.isprintable() else " " if char.isspace() else "?" for char in value)
