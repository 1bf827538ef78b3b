"""`cnnsearch report`: what a run found, as a page to look at or a text for a pull request."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnsearch.commands.options import AsJson, RunName, Runs


def report(
    run: RunName = None,
    runs: Runs = Path("runs"),
    out: Annotated[
        Path | None, typer.Option(help="File to write; report.html in the run's folder.")
    ] = None,
    md: Annotated[
        bool, typer.Option("--md", help="Print a short form in Markdown; no page is written.")
    ] = False,
    pictures: Annotated[
        bool,
        typer.Option(
            help="Show mistakes and where the network looked; made once, kept in the run."
        ),
    ] = True,
    json: AsJson = False,
) -> None:
    """Write what a run found as one page that opens anywhere."""
    from cnnsearch.commands.reporting import print_markdown, write_page
    from cnnsearch.records.folder import find_run_folder

    folder = find_run_folder(runs, run)
    if md:
        print_markdown(folder, out, as_json=json)
    else:
        write_page(folder, out, with_pictures=pictures, as_json=json)
