"""Options that several commands share, so that each means the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Space: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="SPACE", help="Search space: a YAML file or the name of a shipped one."),
]
Data: TypeAlias = Annotated[
    str | None, typer.Option(help="Dataset: a shipped name, a folder of images, or an .npz file.")
]
Overrides: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Override one setting of the space."),
]
RunName: TypeAlias = Annotated[
    str | None,
    typer.Argument(metavar="RUN", help="Name or folder of the run; left out, the latest."),
]
Unfinished: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN",
        help="Name or folder of the run; left out, the latest that was stopped.",
    ),
]
Model: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="RUN_OR_MODEL",
        help="A run by name or folder, its export folder, a SavedModel, or a model file.",
    ),
]
Seed: TypeAlias = Annotated[int | None, typer.Option(help="Seed of the search.")]
Budget: TypeAlias = Annotated[
    str | None, typer.Option(help="Time for everything, also what was spent before: 10m, 2h.")
]
Trials: TypeAlias = Annotated[int | None, typer.Option(help="Most candidates to train.")]
Target: TypeAlias = Annotated[
    str | None, typer.Option(help="Validation score that is good enough: 0.95, 95%.")
]
Patience: TypeAlias = Annotated[
    str | None, typer.Option(help="Longest time to search on without a better score: 20m.")
]
Earlier: TypeAlias = Annotated[
    str | None,
    typer.Option("--from", metavar="RUN", help="Learn from the trials of an earlier run."),
]
NewName: TypeAlias = Annotated[str | None, typer.Option(help="Name of the run's folder.")]
Runs: TypeAlias = Annotated[Path, typer.Option(help="Folder that holds the runs.")]
TensorBoard: TypeAlias = Annotated[
    bool, typer.Option("--tensorboard", help="Log curves and settings to the run's folder.")
]
Mlflow: TypeAlias = Annotated[
    str | None, typer.Option(metavar="URI", help="Log to this MLflow server or folder.")
]
Ci: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--ci", help="For a scheduled job: a line an event, then the verdict of the gate."
    ),
]
Baseline: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="RUN_OR_SUMMARY", help="Run, or its summary.json, that this one is held against."
    ),
]
AllowMissing: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--allow-missing-baseline",
        help="Pass without one where there is none, or an older program's.",
    ),
]
Update: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--update-baseline",
        help="Keep a run that passes as the baseline where it is better, or the first.",
    ),
]
ResultAsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print everything as JSON.")]

Workers: TypeAlias = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Processes that search side by side; left out, one a GPU or, within a time alone, "
        "one a core, up to 4.",
    ),
]
