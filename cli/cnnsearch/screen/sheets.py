"""Tables that can be shown in any place: a terminal, Markdown, a page of HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnnsearch.screen.fields import printable
from cnnsearch.screen.terminal import print_plainly, stdout_console

# Markup, mentions, numbers of issues, formulas; colons and dots of addresses and emoji only.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&@$]|:(?=\S)|(?<=[A-Za-z])\.(?=[A-Za-z]))")


@dataclass(frozen=True)
class Sheet:
    """A titled table of texts, with sentences below it."""

    title: str
    header: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()
    remarks: tuple[str, ...] = ()


def print_sheets(sheets: Iterable[Sheet], console: Console | None = None) -> None:
    """Print the sheets to stdout."""
    console = console or stdout_console()
    for index, sheet in enumerate(sheets):
        print_plainly(console, *[""] * bool(index), Text(printable(sheet.title), "bold"))
        if sheet.rows:
            table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
            for name in sheet.header:
                table.add_column(Text(printable(name)), overflow="fold")
            for row in sheet.rows:
                table.add_row(*(Text(printable(cell)) for cell in row))
            print_plainly(console, table)
        print_plainly(console, *map(printable, sheet.remarks))


def markdown(sheets: Iterable[Sheet], level: int = 2) -> str:
    """Return the sheets as GitHub's Markdown; names from files are shown, never interpreted."""
    return "\n".join(line for sheet in sheets for line in _markdown(sheet, level))


def escaped(text: str) -> str:
    """Return `text` as Markdown reads it as it is: no markup, mention or link is made of it."""
    return _SPECIAL.sub(r"\\\1", printable(text))


def _markdown(sheet: Sheet, level: int) -> list[str]:
    lines = [f"{'#' * level} {escaped(sheet.title)}", ""]
    if sheet.rows:
        lines += [_line(sheet.header), _line(["---"] * len(sheet.header), plain=True)]
        lines += [*map(_line, sheet.rows), ""]
    return [*lines, *(line for remark in sheet.remarks for line in (escaped(remark), ""))]


def _line(cells: Iterable[str], *, plain: bool = False) -> str:
    return f"| {' | '.join(cell if plain else escaped(cell) for cell in cells)} |"
