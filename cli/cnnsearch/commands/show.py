"""`cnnsearch show`: what a run has found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def show(
    name: Annotated[
        str | None, typer.Argument(metavar="RUN", help="Name or folder of the run; the latest.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder that holds the runs.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    timing: Annotated[bool, typer.Option("--timing", help="Print where the time went.")] = False,
) -> None:
    """Show what a run has found so far."""
    from cnnsearch.commands.carrying_out import print_json
    from cnnsearch.records.folder import find_run_folder
    from cnnsearch.results.summary import summarize
    from cnnsearch.screen.tables import print_show, print_timing

    summary = summarize(find_run_folder(runs, name))
    if json:
        print_json(summary)
    elif timing:
        print_timing(summary["timing"])
    else:
        print_show(summary)
