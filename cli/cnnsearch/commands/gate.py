"""`cnnsearch gate`: whether a finished run keeps to its limits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnsearch.commands.options import AllowMissing, AsJson, Baseline, RunName, Runs, Update


def gate(
    name: RunName = None,
    baseline: Baseline = None,
    allow_missing_baseline: AllowMissing = False,
    update_baseline: Update = False,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="PATH=VALUE", help="Override one limit, as gate.macs.max=5M."
        ),
    ] = None,
    runs: Runs = Path("runs"),
    json: AsJson = False,
) -> None:
    """Hold a finished run against the limits of its space, and against a baseline.

    Exits with 3 where a limit of level `error` is broken. In a job of GitHub's it annotates, and
    appends to the summary of the step.
    """
    from cnnsearch.commands.gating import baseline_of, conclude
    from cnnsearch.results.finished import read_finished
    from cnnsearch.results.gate import limits_of

    run = read_finished(runs, name)
    limits = limits_of(run, set_ or [], required=True)
    against = baseline_of(
        runs,
        baseline,
        allow_missing=allow_missing_baseline,
        update=update_baseline,
        judged=run.path,
    )
    conclude(run, limits, against, as_json=json)
