"""A bar that shows how much of something is used, and which part of it is kept back."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style

DONE, OPEN, RESERVE = "━", "─", "░"
STYLES = {
    DONE: Style(color="cyan", bold=True),
    OPEN: Style(dim=True),
    RESERVE: Style(color="yellow"),
}
NARROWEST, WIDEST = 4, 44  # columns


@dataclass(frozen=True)
class Gauge:
    """`done` of `total`, the last `reserve` of it marked; an unknown total leaves the bar open."""

    done: float
    total: float | None
    reserve: float = 0.0

    def cells(self, width: int) -> str:
        """Return the bar's characters, exactly `width` of them.

        What is kept back and unused stays visible, however small; the bar is full only at the end.
        """
        if not self.total or self.total <= 0:
            return OPEN * width
        used = int(width * min(1.0, max(0.0, self.done / self.total)))
        kept = round(width * min(1.0, max(0.0, self.reserve / self.total)))
        kept = min(width, max(kept, 1 if self.reserve > 0 else 0))
        kept = min(kept, width - used)
        return DONE * used + OPEN * (width - used - kept) + RESERVE * kept

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        cells = self.cells(min(options.max_width, WIDEST))
        for char, style in STYLES.items():
            if char in cells:
                yield Segment(char * cells.count(char), style)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(NARROWEST, min(options.max_width, WIDEST))
