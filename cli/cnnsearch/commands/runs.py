"""`cnnsearch runs`: what has been searched so far."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def runs(
    folder: Annotated[Path, typer.Option("--runs", help="Folder that holds the runs.")] = Path(
        "runs"
    ),
    json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List the runs, oldest first."""
    from cnnsearch.commands.carrying_out import print_json
    from cnnsearch.records.folder import list_run_folders
    from cnnsearch.results.listing import list_runs
    from cnnsearch.screen.runs import print_runs

    rows = list_runs(list_run_folders(folder))
    print_json({"version": 1, "runs": rows}) if json else print_runs(rows)
