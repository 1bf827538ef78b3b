"""`cnnsearch compare`: finished runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnsearch.commands.options import AsJson, Runs

Names = Annotated[
    list[str],
    typer.Argument(metavar="RUN", help="Runs by name or folder; all against the first."),
]
Markdown = Annotated[bool, typer.Option("--md", help="Print Markdown, as for a pull request.")]
Html = Annotated[Path | None, typer.Option(help="Page to write.", metavar="FILE")]


def compare(
    names: Names,
    runs: Runs = Path("runs"),
    json: AsJson = False,
    md: Markdown = False,
    html: Html = None,
) -> None:
    """Compare finished runs: accuracy, costs, settings and fronts.

    Where two runs had the same test split, McNemar's test tells whether chance explains the
    difference.
    """
    from cnnsearch.commands.comparing import read_all, write_page
    from cnnsearch.commands.printing import print_json
    from cnnsearch.results.comparison import compare as compare_runs
    from cnnsearch.screen.comparison_words import comparison_sheets
    from cnnsearch.screen.sheets import markdown, print_sheets

    finished = read_all(runs, names, as_json=json, as_markdown=md)
    found = compare_runs(finished)
    sheets = list(comparison_sheets(found))
    if html is not None:
        write_page(html, finished, found)
    if json:
        print_json(found)
    elif md:
        print(markdown(sheets))
    elif html is None:
        print_sheets(sheets)
