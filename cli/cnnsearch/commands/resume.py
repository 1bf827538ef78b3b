"""`cnnsearch resume`: go on with a run that was stopped or killed."""

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
    Mlflow,
    RunName,
    Runs,
    TensorBoard,
    Update,
    Workers,
)


def resume(
    name: RunName = None,
    runs: Runs = Path("runs"),
    budget: BudgetOption = None,
    trials: TrialsOption = None,
    target: TargetOption = None,
    patience: PatienceOption = None,
    workers: Workers = None,
    tensorboard: TensorBoard = False,
    mlflow: Mlflow = None,
    ci: Ci = False,
    baseline: Baseline = None,
    allow_missing_baseline: AllowMissing = False,
    update_baseline: Update = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Go on with a run that was stopped or killed, where it was."""
    from cnnsearch.commands.carrying_out import carry_out
    from cnnsearch.commands.gating import Job
    from cnnsearch.records.folder import find_run_folder
    from cnnsearch.screen.datasets import decoding_progress
    from cnnsearch.tracking.targets import Targets, refuse_unusable
    from cnnsearch.tuning.start import extend_budget, reopen_run

    job = Job.of(runs, ci, baseline, allow_missing_baseline, update_baseline)
    folder = find_run_folder(runs, name)
    targets = Targets(tensorboard, mlflow)
    refuse_unusable(targets)
    with decoding_progress() as progress:
        reopen_run(folder, progress)
    if given := limits(budget, trials, target, patience):
        extend_budget(folder, given)
    carry_out(folder, workers=workers, as_json=json, targets=targets, job=job)
