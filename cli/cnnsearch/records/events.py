"""What happened in a run, a line of JSON each, with the run's own clock."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from cnnsearch.records.files import append_json_line, read_json_lines

Event = dict[str, Any]  # "time" (s since the epoch), "elapsed_s" (run time), "event" and its facts
EVERY_S = 1.0


class RunClock:
    """Seconds spent on a run, counted on across interruptions."""

    def __init__(self, spent_s: float = 0.0) -> None:
        self._start = time.monotonic() - spent_s

    def elapsed_s(self) -> float:
        """Return the seconds spent so far, earlier sessions included."""
        return time.monotonic() - self._start


class EventLog:
    """Appends events to a file; only the supervisor writes."""

    def __init__(self, path: Path, clock: RunClock) -> None:
        self._path = path
        self._clock = clock

    def stamp(self, event: str, **facts: Any) -> Event:
        """Return an event with the times of now."""
        return {
            "time": round(time.time(), 3),
            "elapsed_s": round(self._clock.elapsed_s(), 3),
            "event": event,
            **facts,
        }

    def append(self, event: Event) -> None:
        """Write one event at the end of the file."""
        append_json_line(self._path, event)


class Heartbeat:
    """The run's time on disk, once a second, for the time between the last event and a kill."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written_s = -EVERY_S

    def beat(self, elapsed_s: float) -> None:
        """Write the time in place, unless that was done less than a second ago."""
        if elapsed_s - self._written_s < EVERY_S:
            return
        self._written_s = elapsed_s
        with suppress(OSError), self._path.open("r+b" if self._path.exists() else "wb") as file:
            file.write(f"{elapsed_s:16.3f}\n".encode())  # as long as the one that it replaces

    def last_s(self) -> float:
        """Return the time written last; 0 where there is none, or none that was written whole."""
        try:
            text = self._path.read_text(encoding="ascii")
            return float(text) if text.endswith("\n") else 0.0
        except (OSError, ValueError):
            return 0.0


def read_events(path: Path) -> list[Event]:
    """Return the events of a run, oldest first; cut lines are passed over."""
    return [
        event for event in read_json_lines(path) if isinstance(event, dict) and "event" in event
    ]


def spent_s(events: list[Event]) -> float:
    """Return the run time that the events tell of, in seconds."""
    return max((float(event.get("elapsed_s", 0.0)) for event in events), default=0.0)
