"""The options that `run` and `resume` share: when a search ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from cnnsearch.space import Override

BudgetOption: TypeAlias = Annotated[
    str | None, typer.Option(help="Time for everything, also what was spent before: 10m, 2h.")
]
TrialsOption: TypeAlias = Annotated[int | None, typer.Option(help="Most candidates to train.")]
TargetOption: TypeAlias = Annotated[
    str | None, typer.Option(help="Validation score that is good enough: 0.95, 95%.")
]
PatienceOption: TypeAlias = Annotated[
    str | None, typer.Option(help="Longest time to search on without a better score: 20m.")
]


def limits(
    budget: str | None, trials: int | None, target: str | None, patience: str | None
) -> list[Override]:
    """Return what the options change in the `budget` section of a search space."""
    from cnnsearch.space import Override

    given = (
        ("--budget", "time", budget),
        ("--trials", "trials", trials),
        ("--target", "target", target),
        ("--patience", "patience", patience),
    )
    return [
        Override(f"budget.{key}={value}", option)
        for option, key, value in given
        if value is not None
    ]
