"""`cnnsearch run`: search, from a space to an exported model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnsearch.commands.options import Data, Overrides, Runs, Space


def run(
    space: Space = "default",
    data: Data = None,
    budget: Annotated[str | None, typer.Option(help="Time for everything: 10m, 2h.")] = None,
    trials: Annotated[int | None, typer.Option(help="Most candidates to train.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the search.")] = None,
    set_: Overrides = None,
    name: Annotated[str | None, typer.Option(help="Name of the run's folder.")] = None,
    runs: Runs = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Train candidates within the budget and export the best."""
    from json import dumps

    from cnnsearch.commands.carrying_out import carry_out
    from cnnsearch.screen.datasets import decoding_progress
    from cnnsearch.screen.warnings import print_warnings
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
    print_warnings(loaded)
    with decoding_progress() as progress:
        folder = start_run(loaded, runs, name, progress)
    carry_out(folder, as_json=json)
