"""`cnnsearch run`: search, from a space to an exported model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def run(
    space: Annotated[
        str, typer.Argument(help="Search space: a YAML file or the name of a shipped one.")
    ] = "default",
    data: Annotated[
        str | None,
        typer.Option(help="Dataset: a shipped name, a folder of images, or an .npz file."),
    ] = None,
    budget: Annotated[str | None, typer.Option(help="Time for everything: 10m, 2h.")] = None,
    trials: Annotated[int | None, typer.Option(help="Most candidates to train.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the search.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Override one setting of the space."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the run's folder.")] = None,
    runs: Annotated[Path, typer.Option(help="Folder that holds the runs.")] = Path("runs"),
    workers: Annotated[
        int, typer.Option(min=1, help="Processes that search side by side: one a GPU.")
    ] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Train candidates within the budget and export the best."""
    from json import dumps

    from cnnsearch.commands.carrying_out import carry_out
    from cnnsearch.screen.datasets import decoding_progress
    from cnnsearch.space import Override, load_space
    from cnnsearch.tuning.start import start_run

    given = (
        ("--data", "data.source", data and dumps(data)),  # quoted: a folder may be called 2024
        ("--budget", "budget.time", budget),
        ("--trials", "budget.trials", trials),
        ("--seed", "search.seed", seed),
    )
    overrides = [
        Override(f"{path}={value}", option) for option, path, value in given if value is not None
    ]
    loaded = load_space(space, [*overrides, *(set_ or [])])
    with decoding_progress() as progress:
        folder = start_run(loaded, runs, name, progress)
    carry_out(folder, workers=workers, as_json=json)
