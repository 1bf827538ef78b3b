"""`cnnsearch watch`: follow a run from another terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnsearch.commands.options import RunName, Runs


def watch(
    name: RunName = None,
    runs: Runs = Path("runs"),
    json: Annotated[
        bool, typer.Option("--json", help="Print what happens as JSON, a line an event.")
    ] = False,
) -> None:
    """Follow a run from another terminal, to its end.

    The run does not notice, and Ctrl-C ends only the view. Exits as the run did: 0 when it is
    done, 75 when `cnnsearch resume` would go on.
    """
    from cnnsearch.commands.watching import end_as_the_run, print_events, show_events
    from cnnsearch.records.folder import find_run_folder

    folder = find_run_folder(runs, name)
    folder.read_facts()
    print_events(folder) if json else show_events(folder)
    end_as_the_run(folder, quiet=json)
