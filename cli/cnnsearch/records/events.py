"""What happened in a run, a line of JSON each, with the run's own clock."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from cnnsearch.records.files import PARTIAL, append_json_line, read_json_lines

Event = dict[str, Any]  # "time" (s since the epoch), "elapsed_s" (run time), "event" and its facts
SEARCHED = 13  # `exit_code` of a worker that had nothing left to search: another one finishes
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


class Progress:
    """How far each worker is, on disk for whoever watches the run; never the run's own record.

    In a file of its own, as the events would fill the disk of a long run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._latest: dict[str, Event] = {}

    def write(self, event: Event) -> None:
        """Replace what was said of this worker; a disk that takes nothing is no reason to stop."""
        self._latest[str(event.get("worker", 0))] = event
        temporary = self._path.with_name(f"{self._path.name}{PARTIAL}")
        with suppress(OSError):
            temporary.write_text(json.dumps(self._latest), encoding="utf-8")
            temporary.replace(self._path)

    def read(self) -> list[Event]:
        """Return the latest progress of each worker, oldest first; none where none can be read."""
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            return sorted(filter(is_event, content.values()), key=elapsed_s)
        except (OSError, ValueError, AttributeError):
            return []


class EventTail:
    """Reads the events of a run that goes on: each whole line once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0  # bytes

    def read(self) -> list[Event]:
        """Return the events written since the last call; a line that is cut waits for its end."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._position)
                whole = file.read().rpartition(b"\n")
        except OSError:  # there are none yet, or the folder is gone
            return []
        self._position += len(whole[0]) + len(whole[1])
        return [event for line in whole[0].splitlines() for event in _parsed(line)]


def read_events(path: Path) -> list[Event]:
    """Return the events of a run, oldest first; cut lines are passed over."""
    return [event for event in read_json_lines(path) if is_event(event)]


def is_event(content: Any) -> bool:
    """Tell whether what was read from a file is an event."""
    return isinstance(content, dict) and "event" in content


def elapsed_s(event: Event) -> float:
    """Return the run time of an event, in seconds; 0 where it does not tell."""
    time_s = event.get("elapsed_s")
    return float(time_s) if isinstance(time_s, int | float) else 0.0


def _parsed(line: bytes) -> list[Event]:
    try:
        content = json.loads(line)
    except ValueError:  # cut by a crash
        return []
    return [content] if is_event(content) else []


def spent_s(events: list[Event]) -> float:
    """Return the run time that the events tell of, in seconds."""
    return max((float(event.get("elapsed_s", 0.0)) for event in events), default=0.0)
