"""What `run` and `resume` share before the search: overrides of their options, and data."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnsearch.records.folder import RunFolder
    from cnnsearch.space import Override


def begin(
    space: str,
    overrides: Sequence[str | Override],
    *,
    runs: Path,
    name: str | None,
    begin_with: str | None,
) -> RunFolder:
    """Make the folder of a new run; tell what is odd about its space, and how its data is read.

    Raises:
        UsageError: The space, its data, the name or the earlier run cannot be used.
    """
    from cnnsearch.commands.checking import load_with_data
    from cnnsearch.records.folder import find_run_folder
    from cnnsearch.screen.datasets import decoding_progress
    from cnnsearch.screen.terminal import write_line
    from cnnsearch.screen.warnings import print_warnings
    from cnnsearch.tuning.start import start_run

    loaded = load_with_data(space, overrides)
    print_warnings(loaded)
    earlier = None if begin_with is None else find_run_folder(runs, begin_with)
    with decoding_progress() as progress:
        folder = start_run(loaded, runs, name, progress, begin_with=earlier)
    for note in folder.read_facts()["dataset"]["notes"]:
        write_line(sys.stderr, f"Note: {note}")
    return folder


def reopen(folder: RunFolder, limits: Sequence[Override]) -> None:
    """Make a run ready to go on, with other limits where some are given.

    Raises:
        UsageError: The run, its data or the limits cannot be used.
    """
    from cnnsearch.screen.datasets import decoding_progress
    from cnnsearch.tuning.start import extend_budget, reopen_run

    with decoding_progress() as progress:
        reopen_run(folder, progress)
    if limits:
        extend_budget(folder, limits)


def data_and_seed(data: str | None, seed: int | None) -> list[Override]:
    """Return what the options change in a search space."""
    from json import dumps

    quoted = data and dumps(data)  # a folder may be called 2024
    return _overrides(("--data", "data.source", quoted), ("--seed", "search.seed", seed))


def limits(
    budget: str | None, trials: int | None, target: str | None, patience: str | None
) -> list[Override]:
    """Return what the options change in the `budget` section of a search space."""
    return _overrides(
        ("--budget", "budget.time", budget),
        ("--trials", "budget.trials", trials),
        ("--target", "budget.target", target),
        ("--patience", "budget.patience", patience),
    )


def _overrides(*given: tuple[str, str, object]) -> list[Override]:
    """Return an override for each option, path and value that is given."""
    from cnnsearch.space import Override

    return [
        Override(f"{path}={value}", option) for option, path, value in given if value is not None
    ]
