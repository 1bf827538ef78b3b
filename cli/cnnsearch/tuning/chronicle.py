"""What a session of a run records and shows: its events, and the time that it has taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from cnnsearch.records.events import (
    Event,
    EventLog,
    Heartbeat,
    Progress,
    RunClock,
    read_events,
    spent_s,
)
from cnnsearch.records.folder import RunFolder

NOT_KEPT = (
    "progress",
    "finish_progress",
)  # of these only the latest is on disk: all would fill that of a long run


class Screen(Protocol):
    """What shows a run while it goes on."""

    def handle(self, event: Event) -> None:
        """Take in one event."""

    def recall(self, events: Iterable[Event]) -> None:
        """Take in what happened in earlier sessions."""

    def tick(self) -> None:
        """Refresh what changes with time."""


class Chronicle:
    """The events of a run, on its clock, on disk and on the screen."""

    def __init__(self, folder: RunFolder, screen: Screen) -> None:
        self.past = read_events(folder.events)
        self._heartbeat = Heartbeat(folder.heartbeat)
        self.clock = RunClock(max(spent_s(self.past), self._heartbeat.last_s()))
        self._screen = screen
        self._log = EventLog(folder.events, self.clock)
        self._progress = Progress(folder.progress)

    def recall(self) -> None:
        """Show what happened in earlier sessions."""
        self._screen.recall(self.past)

    def record(self, kind: str, **facts: Any) -> None:
        """Write an event and show it."""
        event = self._log.stamp(kind, **facts)
        if kind in NOT_KEPT:
            self._progress.write(event)
        else:
            self._log.append(event)
        self._screen.handle(event)

    def tick(self) -> None:
        """Let time pass: on disk, so that a kill loses a second at most, and on the screen."""
        self._heartbeat.beat(self.clock.elapsed_s())
        self._screen.tick()
