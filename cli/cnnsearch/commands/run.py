"""`cnnsearch run`: search, from a space to an exported model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnsearch.commands.limits import (
    BudgetOption,
    PatienceOption,
    TargetOption,
    TrialsOption,
    limits,
)
from cnnsearch.commands.options import (
    AllowMissing,
    Baseline,
    Ci,
    Data,
    Mlflow,
    Overrides,
    Runs,
    Space,
    TensorBoard,
    Update,
    Workers,
)


def run(
    space: Space = "default",
    data: Data = None,
    budget: BudgetOption = None,
    trials: TrialsOption = None,
    target: TargetOption = None,
    patience: PatienceOption = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the search.")] = None,
    set_: Overrides = None,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="RUN", help="Learn from the trials of an earlier run."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the run's folder.")] = None,
    runs: Runs = Path("runs"),
    workers: Workers = None,
    tensorboard: TensorBoard = False,
    mlflow: Mlflow = None,
    ci: Ci = False,
    baseline: Baseline = None,
    allow_missing_baseline: AllowMissing = False,
    update_baseline: Update = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Train candidates within the budget and export the best."""
    from json import dumps

    from cnnsearch.commands.carrying_out import carry_out
    from cnnsearch.commands.checking import load_with_data
    from cnnsearch.commands.gating import Job
    from cnnsearch.records.folder import find_run_folder
    from cnnsearch.screen.datasets import decoding_progress
    from cnnsearch.screen.warnings import print_warnings
    from cnnsearch.space import Override
    from cnnsearch.tracking.targets import Targets, refuse_unusable
    from cnnsearch.tuning.start import start_run

    job = Job.of(runs, ci, baseline, allow_missing_baseline, update_baseline)
    targets = Targets(tensorboard, mlflow)
    refuse_unusable(targets)
    given = (
        ("--data", "data.source", data and dumps(data)),  # quoted: a folder may be called 2024
        ("--seed", "search.seed", seed),
    )
    overrides = [
        Override(f"{path}={value}", option) for option, path, value in given if value is not None
    ]
    overrides += limits(budget, trials, target, patience)
    loaded = load_with_data(space, [*overrides, *(set_ or [])])
    print_warnings(loaded)
    earlier = None if from_ is None else find_run_folder(runs, from_)
    with decoding_progress() as progress:
        folder = start_run(loaded, runs, name, progress, begin_with=earlier)
    carry_out(folder, workers=workers, as_json=json, targets=targets, job=job)
