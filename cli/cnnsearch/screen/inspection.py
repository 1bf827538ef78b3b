"""What `cnnsearch inspect` and `cnnsearch spaces` print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from cnnsearch.screen.bars import DONE
from cnnsearch.screen.inspection_words import Bar, Inspection, Part, nothing_fits, parts
from cnnsearch.screen.terminal import Plainly, stdout_console

WIDEST_BAR = 40  # columns


def print_inspection(found: Inspection, console: Console | None = None) -> None:
    """Print what a search space holds."""
    console = console or stdout_console()
    if (why := nothing_fits(found)) is not None:
        _print(console, [Text(why[0].upper() + why[1:], "bold red")])
    for number, part in enumerate(parts(found)):
        _print(console, [*([""] if number else []), *_part(part)])


def _part(part: Part) -> Iterator[RenderableType]:
    facts = f"  {part.facts}" if part.facts else ""
    yield Text.assemble((part.title, "bold"), facts)
    if part.rows:
        yield _grid(part.rows)
    if part.bars:
        yield _bars(part.bars)
    if part.remarks:
        yield _grid(("-", remark) for remark in part.remarks)


def _grid(rows: Iterable[tuple[str, str]]) -> Table:
    """Return names with texts beside them that stay in their column where they are long."""
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(Text(name), Text(text))
    return table


def _bars(bars: tuple[Bar, ...]) -> Table:
    most = max(count for _, _, count in bars)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=False)
    for justify in ("right", "left", "right", "left", "left"):
        table.add_column(justify=justify, no_wrap=True)
    for low, high, count in bars:
        columns = round(WIDEST_BAR * count / most) or (1 if count else 0)
        to = ("", "") if low == high else ("to", high)
        table.add_row(low, *to, Text(DONE * columns, "cyan"), f"{count:,}")
    return table


def _print(console: Console, parts: Iterable[RenderableType]) -> None:
    for part in parts:
        console.print(Plainly(part))
