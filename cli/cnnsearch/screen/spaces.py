"""The list of the shipped search spaces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnnsearch.screen.terminal import print_plainly, stdout_console

HEADING = "space"
GAP = 2  # blanks between columns


def print_spaces(entries: Iterable[Mapping[str, Any]], console: Console | None = None) -> None:
    """Print one line a shipped search space, in as many words as the line has room for."""
    console = console or stdout_console()
    known = list(entries)
    names = [HEADING, *(entry["name"] for entry in known)]
    room = console.width - GAP - max(map(cell_len, names))
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    table.add_column(HEADING, no_wrap=True)
    table.add_column("what it is")
    for entry in known:
        table.add_row(Text(entry["name"]), Text(_fitting(entry["description"], room)))
    print_plainly(console, table)


def _fitting(description: str, room: int) -> str:
    """Return the longest form that fits in so many cells, or the shortest."""
    shown = description
    for shown in _forms(description):
        if cell_len(shown) <= room:
            break
    return shown


def _forms(description: str) -> Iterator[str]:
    """Yield ever shorter forms: as it is, with the year alone as source, then what comes first."""
    yield description
    dated = re.sub(r"\(([^),]+),[^)]*\)", r"(\1)", description)
    yield dated
    yield re.sub(r"(?<=\d weights) .*", "", dated)
    yield re.split(r"(?<=\))|:", dated)[0]
