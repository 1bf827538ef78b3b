"""`cnnsearch resume`: go on with a run that was stopped or killed."""

from __future__ import annotations

from pathlib import Path

from cnnsearch.commands import options


def resume(
    name: options.Unfinished = None,
    runs: options.Runs = Path("runs"),
    budget: options.Budget = None,
    trials: options.Trials = None,
    target: options.Target = None,
    patience: options.Patience = None,
    workers: options.Workers = None,
    tensorboard: options.TensorBoard = False,
    mlflow: options.Mlflow = None,
    ci: options.Ci = False,
    baseline: options.Baseline = None,
    allow_missing_baseline: options.AllowMissing = False,
    update_baseline: options.Update = False,
    json: options.ResultAsJson = False,
) -> None:
    """Go on with a run that was stopped or killed, where it was."""
    from cnnsearch.commands.carrying_out import carry_out
    from cnnsearch.commands.gating import Job, refuse_without_ci
    from cnnsearch.commands.starting import limits, reopen
    from cnnsearch.results.unfinished import find_unfinished_run
    from cnnsearch.tracking.targets import usable_targets

    refuse_without_ci(ci, baseline, allow_missing_baseline, update_baseline)
    folder = find_unfinished_run(runs, name)
    job = Job.of(runs, ci, baseline, allow_missing_baseline, update_baseline, folder.path)
    targets = usable_targets(tensorboard, mlflow)
    reopen(folder, limits(budget, trials, target, patience))
    carry_out(folder, workers=workers, as_json=json, targets=targets, job=job)
