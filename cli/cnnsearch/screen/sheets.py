"""Tables that can be shown in any place: a terminal, Markdown, a page of HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from string import Template

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnnsearch.screen.fields import printable
from cnnsearch.screen.terminal import print_plainly, stdout_console

PAGE = Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; } p { margin: .3rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .25rem 1rem .25rem 0; min-width: 7rem; }
th { border-bottom: 1px solid; } td { border-bottom: 1px solid #8884; }
</style>
</head>
<body>
<main>
<h1>$title</h1>
$content
</main>
</body>
</html>
""")
ACTIVE = str.maketrans({char: f"\\{char}" for char in "\\`*_[]|<>#~!@$&"})


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
        print_plainly(console, *[""] * bool(index), Text(sheet.title, "bold"))
        if sheet.rows:
            table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
            for name in sheet.header:
                table.add_column(name, overflow="fold")
            for row in sheet.rows:
                table.add_row(*(Text(printable(cell)) for cell in row))
            print_plainly(console, table)
        print_plainly(console, *map(printable, sheet.remarks))


def markdown(sheets: Iterable[Sheet], level: int = 2) -> str:
    """Return the sheets as GitHub's Markdown; names from files are shown, never interpreted."""
    return "\n".join(line for sheet in sheets for line in _markdown(sheet, level))


def page(title: str, sheets: Iterable[Sheet]) -> str:
    """Return the sheets as a page that needs nothing else."""
    return PAGE.substitute(title=escape(title), content="\n".join(map(_html, sheets)))


def _markdown(sheet: Sheet, level: int) -> list[str]:
    lines = [f"{'#' * level} {_inert(sheet.title)}", ""]
    if sheet.rows:
        lines += [_line(sheet.header), _line(["---"] * len(sheet.header), plain=True)]
        lines += [*map(_line, sheet.rows), ""]
    return [*lines, *(line for remark in sheet.remarks for line in (_inert(remark), ""))]


def _line(cells: Iterable[str], *, plain: bool = False) -> str:
    return f"| {' | '.join(cell if plain else _inert(cell) for cell in cells)} |"


def _inert(text: str) -> str:
    return printable(text).translate(ACTIVE)


def _html(sheet: Sheet) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in sheet.header)
    rows = "\n".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in sheet.rows
    )
    table = f'<div class="wide"><table><tr>{head}</tr>\n{rows}</table></div>' if rows else ""
    remarks = "".join(f"<p>{escape(remark)}</p>" for remark in sheet.remarks)
    return f"<section><h2>{escape(sheet.title)}</h2>\n{table}{remarks}</section>"
