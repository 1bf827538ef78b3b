"""Shows a run as it goes: a screen that redraws itself, or a log with a line an event.

A screen that cannot be written to any more (a closed pipe, a full disk) falls silent: the run is
worth more.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import IO, Protocol, Self

from rich.console import Console
from rich.live import Live

from cnnsearch.screen.board import Board
from cnnsearch.screen.fields import Event
from cnnsearch.screen.lines import describe
from cnnsearch.screen.terminal import can_redraw, is_terminal, stderr_console, write_line
from cnnsearch.screen.view import View
from cnnsearch.screen.wording import duration

SHORTEST_WAIT_S = 0.25  # between two drawings after events
LONGEST_WAIT_S = 1.0  # between two drawings without events: the clock shows seconds


class Screen(Protocol):
    """What the supervisor of a run talks to."""

    board: Board

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def recall(self, events: Iterable[Event]) -> None:
        """Take in what happened in earlier sessions, in silence."""

    def handle(self, event: Event) -> None:
        """Take in and show one event."""

    def tick(self) -> None:
        """Let time pass; call it a few times a second."""


def open_screen(
    console: Console | None = None, plain: bool | None = None, *, watching: bool = False
) -> Screen:
    """Return the screen that fits where progress goes.

    Args:
        console: Where to show it; stderr by default.
        plain: True for lines, False for the redrawn screen; None takes the screen on a terminal
            that can redraw and that a person looks at (no `TERM=dumb`, no `CI`).
        watching: Whether the run belongs to another process.
    """
    console = console or stderr_console()
    if plain is None:
        plain = not can_redraw(console)
    return LineLog(console.file) if plain else LiveScreen(console, watching=watching)


class LiveScreen:
    """A board redrawn in place, at most four times a second.

    Its last state stays, but for a run that has ended well and whose result follows in its place.

    It has no thread: drawing happens within `handle` and `tick`.
    """

    def __init__(self, console: Console, *, watching: bool = False) -> None:
        self.board = Board()
        self._watching = watching
        self._live = Live(console=console, auto_refresh=False, redirect_stdout=False)
        self._heard = self._drawn = time.monotonic()
        self._changed = True
        self._lost = False

    def __enter__(self) -> Self:
        self._try(self._live.start)
        self._draw()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._draw(alive=error is not None)  # without one, nobody works on the run any more
        done = error is None and self.board.phase == "done"
        self._live.transient = done and is_terminal(sys.stdout)
        self._try(self._live.stop)

    def recall(self, events: Iterable[Event]) -> None:
        """Take in what happened in earlier sessions."""
        for event in events:
            self.board.apply(event)

    def handle(self, event: Event) -> None:
        """Take in one event and show it, unless the last drawing was just now."""
        self.board.apply(event)
        self._heard = time.monotonic()
        self._changed = True
        self.tick()

    def tick(self) -> None:
        """Draw again what has changed, or the time."""
        wait_s = SHORTEST_WAIT_S if self._changed else LONGEST_WAIT_S
        if time.monotonic() - self._drawn >= wait_s:
            self._draw()

    def _draw(self, *, alive: bool = True) -> None:
        self._drawn = time.monotonic()
        self._changed = False
        since_s = self._drawn - self._heard
        view = View(self.board, since_s, watching=self._watching, alive=alive)
        self._try(lambda: self._live.update(view, refresh=True))

    def _try(self, write: Callable[[], None]) -> None:
        if self._lost:
            return
        try:
            write()
        except (OSError, ValueError):  # ValueError: the stream is closed
            self._lost = True


class LineLog:
    """One line an event: `  1m 12s  trial 7 pruned at step 140: val_accuracy 0.7312`."""

    def __init__(self, stream: IO[str]) -> None:
        self.board = Board()
        self._stream = stream
        self._infeasible_told = 0
        self._lost = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def recall(self, events: Iterable[Event]) -> None:
        """Take in what happened in earlier sessions, in silence."""
        for event in events:
            self.board.apply(event)
        self._infeasible_told = self.board.infeasible

    def handle(self, event: Event) -> None:
        """Write the line of one event, if it has one."""
        self.board.apply(event)
        line = describe(self.board, event)
        if line is not None and self._is_news(event):
            self._write(f"{duration(self.board.elapsed_s):>8}  {line}")

    def tick(self) -> None:
        """Do nothing: a log has no clock."""

    def _is_news(self, event: Event) -> bool:
        """Tell infeasible candidates only when they have doubled: there are many."""
        if event.get("event") != "infeasible":
            return True
        if self.board.infeasible < max(1, 2 * self._infeasible_told):
            return False
        self._infeasible_told = self.board.infeasible
        return True

    def _write(self, line: str) -> None:
        if self._lost:
            return
        try:
            write_line(self._stream, line)
        except (OSError, ValueError):  # ValueError: the stream is closed
            self._lost = True
