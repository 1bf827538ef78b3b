"""`cnnsearch run`: search, from a space to an exported model."""

from __future__ import annotations

from pathlib import Path

from cnnsearch.commands import options


def run(
    space: options.Space = "default",
    data: options.Data = None,
    budget: options.Budget = None,
    trials: options.Trials = None,
    target: options.Target = None,
    patience: options.Patience = None,
    seed: options.Seed = None,
    set_: options.Overrides = None,
    from_: options.Earlier = None,
    name: options.NewName = None,
    runs: options.Runs = Path("runs"),
    workers: options.Workers = None,
    tensorboard: options.TensorBoard = False,
    mlflow: options.Mlflow = None,
    ci: options.Ci = False,
    baseline: options.Baseline = None,
    allow_missing_baseline: options.AllowMissing = False,
    update_baseline: options.Update = False,
    json: options.ResultAsJson = False,
) -> None:
    """Train candidates within the budget and export the best."""
    from cnnsearch.commands.carrying_out import carry_out
    from cnnsearch.commands.gating import Job
    from cnnsearch.commands.starting import begin, data_and_seed, limits
    from cnnsearch.tracking.targets import usable_targets

    own = None if name is None else runs / name
    job = Job.of(runs, ci, baseline, allow_missing_baseline, update_baseline, judged=own)
    targets = usable_targets(tensorboard, mlflow)
    given = [*data_and_seed(data, seed), *limits(budget, trials, target, patience)]
    folder = begin(space, [*given, *(set_ or [])], runs=runs, name=name, begin_with=from_)
    carry_out(folder, workers=workers, as_json=json, targets=targets, job=job)
