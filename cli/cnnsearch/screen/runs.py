"""The list of runs, each on one line, whose name and state are never shortened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnnsearch.screen import wording
from cnnsearch.screen.fields import Event, finite, moment, number, section, text
from cnnsearch.screen.terminal import print_plainly, stdout_console

COLUMNS = ("run", "state", "test accuracy", "started", "trials", "best value", "space", "dataset")
KEPT = 2  # columns that are shown however narrow the terminal is; the last ones are left out first
NUMBERS = ("trials", "best value")
CUT = ("space", "dataset")  # these may be cut, down to so many columns of the terminal
LEAST_CUT = 8
GAP = 2


def print_runs(rows: Iterable[Event], console: Console | None = None) -> None:
    """Print one line a run."""
    console = console or stdout_console()
    lines = [_cells(row) for row in rows]
    if not lines:
        print_plainly(console, "no runs yet: `cnnsearch run` makes one")
        return
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    widths = _widths(lines, console.width)
    for name, width in zip(COLUMNS, widths, strict=False):
        table.add_column(
            name,
            width=width if name in CUT else None,
            justify="right" if name in NUMBERS else "left",
            no_wrap=name not in COLUMNS[:KEPT],
            overflow="ellipsis" if name in CUT else "fold",
        )
    for line in lines:
        table.add_row(*map(Text, line[: len(widths)]))
    print_plainly(console, table)


def _widths(lines: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return the widths of those columns that fit into `room` columns of the terminal."""
    widths: list[int] = []
    for name, *cells in zip(COLUMNS, *lines, strict=True):
        width = max(map(cell_len, (name, *cells)))
        left = room - sum(widths) - GAP * len(widths)
        fits = width <= left or (name in CUT and left >= LEAST_CUT)
        if len(widths) >= KEPT and not fits:
            break
        widths.append(min(width, left) if name in CUT else width)
    return widths


def _cells(row: Event) -> list[str]:
    started, tested = moment(row, "started"), section(row, "test_accuracy")
    return [
        text(row, "name") or wording.NOTHING,
        text(row, "state") or wording.NOTHING,
        wording.short_accuracy(tested) if tested else wording.NOTHING,
        f"{started:%m-%d %H:%M}" if started else wording.NOTHING,
        wording.whole_number(finite(row, "trials")),
        wording.score(number(row, "value")),
        text(row, "space") or wording.NOTHING,
        text(row, "dataset") or wording.NOTHING,
    ]
