"""`cnnsearch show`: what a run has found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def show(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN", help="Name or folder of the run; the latest. Or a search space."
        ),
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder that holds the runs.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    timing: Annotated[bool, typer.Option("--timing", help="Print where the time went.")] = False,
    architecture: Annotated[
        bool,
        typer.Option(
            "--architecture",
            help="Print the layers of the winner, of --trial, or of a search space's first guess.",
        ),
    ] = False,
    trial: Annotated[int | None, typer.Option(help="Trial whose layers to print.")] = None,
    data: Annotated[
        str | None, typer.Option(help="Dataset that a search space is shown for.")
    ] = None,
    diagram: Annotated[
        Path | None, typer.Option(help="Drawing of the layers to write (SVG).")
    ] = None,
) -> None:
    """Show what a run has found so far, or the layers of a network."""
    if architecture or trial is not None or data is not None or diagram is not None:
        _show_architecture(name, runs, trial, data, diagram, as_json=json)
        return
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


def _show_architecture(
    name: str | None,
    runs: Path,
    trial: int | None,
    data: str | None,
    diagram: Path | None,
    *,
    as_json: bool,
) -> None:
    from cnnsearch.commands.carrying_out import print_json
    from cnnsearch.commands.describing import describe_named
    from cnnsearch.screen.architecture import print_architecture
    from cnnsearch.screen.diagram import save_diagram

    title, costs = describe_named(name, runs, trial, data)
    if diagram is not None:
        save_diagram(title, costs, diagram)
        typer.echo(f"Drawing: {diagram}", err=True)
    print_json({"title": title, **costs}) if as_json else print_architecture(title, costs)
