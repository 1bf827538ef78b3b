"""`cnnsearch runs`: what has been searched so far."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def runs(
    folder: Annotated[
        Path | None,
        typer.Option("--runs", help="Folder that holds the runs.", show_default="runs"),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List the runs, oldest first."""
    from cnnsearch.commands.printing import print_json
    from cnnsearch.errors import UsageError
    from cnnsearch.records.folder import list_run_folders
    from cnnsearch.results.listing import list_runs
    from cnnsearch.screen.runs import print_runs

    if folder is not None and not folder.is_dir():
        raise UsageError(f"there is no folder {folder}: name the one that holds the runs")
    rows = list_runs(list_run_folders(folder or Path("runs")))
    print_json({"version": 1, "runs": rows}) if json else print_runs(rows)
