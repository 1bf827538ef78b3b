"""Open a run: everything that can be wrong is found here, before a worker costs a second."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnsearch.errors import RunError, SpaceError, UsageError
from cnnsearch.records.files import write_json
from cnnsearch.records.folder import RunFolder, create_run_folder, write_run_facts
from cnnsearch.records.study import create_study
from cnnsearch.space import SearchSpace, load_space
from cnnsearch.tuning.proposals import Proposals

if TYPE_CHECKING:
    from cnnsearch.data import Dataset

Progress = Callable[[int, int], None]
LIBRARIES = ("cnnsearch", "tensorflow", "keras", "keras-tuner", "optuna", "numpy")


def start_run(
    space: SearchSpace, runs: Path, name: str | None, progress: Progress | None = None
) -> RunFolder:
    """Check space and data against each other and make the run's folder.

    Raises:
        DataError: The dataset cannot be used.
        NothingFeasibleError: No candidate is within the limits.
        RunError: The folder cannot be made.
    """
    space = _anchored(space)
    dataset = open_data(space, progress)
    _refuse_infeasible(space, dataset)
    folder = create_run_folder(runs, name, space.name)
    create_study(folder.journal, maximize=next(iter(space.objectives.values())) == "max")
    write_run_facts(folder, space.to_yaml(), _facts(space, dataset))
    return folder


def reopen_run(folder: RunFolder, progress: Progress | None = None) -> None:
    """Make sure that a run can go on as it was begun.

    Raises:
        RunError: The run is finished, or its space or data are not what they were.
    """
    facts = folder.read_facts()
    if folder.summary.exists():
        raise RunError(
            f"the run {folder.name} is finished: `cnnsearch show {folder.name}` tells what it found"
        )
    try:
        space = load_space(folder.space_file)
    except SpaceError as error:
        raise RunError(f"{error}\nput the file back, or start a new run") from None
    _refuse_changed(facts["document"], space.document, folder)
    fingerprint = open_data(space, progress).fingerprint
    if fingerprint != facts["dataset"]["fingerprint"]:
        raise RunError(
            f"the dataset {facts['dataset']['name']} has changed since {folder.name} began; "
            "start a new run"
        )


def _anchored(space: SearchSpace) -> SearchSpace:
    """Return the space with its data by absolute path, so that the run goes on from anywhere."""
    from cnnsearch.data import card_names

    source = space.data.source
    if source in card_names() or not Path(source).expanduser().exists():
        return space
    absolute = str(Path(source).expanduser().resolve())
    return replace(
        space,
        data=space.data.model_copy(update={"source": absolute}),
        document={**space.document, "data": {**space.document["data"], "source": absolute}},
    )


def extend_budget(folder: RunFolder, time_s: float) -> None:
    """Give the run another time for everything, what was spent included.

    Raises:
        UsageError: There would be no time at all.
        RunError: The run folder is damaged, or a process works on it now.
    """
    if time_s <= 0:
        raise UsageError("a budget of no time ends nothing; give more than 0, such as 20m")
    with folder.lock():  # a worker that takes over reads the budget again
        facts = folder.read_facts()
        write_json(folder.run_file, {**facts, "budget": {**facts["budget"], "time_s": time_s}})


def open_data(space: SearchSpace, progress: Progress | None = None) -> Dataset:
    """Open the dataset that the space names; `progress` hears of the images decoded."""
    from cnnsearch.data import open_dataset

    return open_dataset(
        space.data.source,
        validation=space.data.validation,
        image_size=space.data.image_size,
        seed=space.search.seed,
        progress=progress,
    )


def _refuse_infeasible(space: SearchSpace, dataset: Dataset) -> None:
    proposals = Proposals(space, dataset.shape, len(dataset.classes))
    if proposals.next([]) is None:
        raise proposals.nothing_feasible()


def _facts(space: SearchSpace, dataset: Dataset) -> dict[str, Any]:
    return {
        "space": space.name,
        "document": space.document,
        "dataset": {
            "name": dataset.name,
            "shape": list(dataset.shape),
            "classes": len(dataset.classes),
            "train": len(dataset.x_train),
            "validation": len(dataset.x_validation),
            "test": len(dataset.x_test),
            "fingerprint": dataset.fingerprint,
        },
        "budget": {
            "time_s": space.budget.time_s,
            "trials": space.budget.trials,
            "reserve": space.budget.reserve,
            "trial_time_s": space.budget.trial_time_s,
        },
        "seed": space.search.seed,
        "objectives": dict(space.objectives),
        "versions": {name: version(name) for name in LIBRARIES}
        | {"python": platform.python_version()},
        "machine": platform.platform(),
    }


def _refuse_changed(before: Any, now: Any, folder: RunFolder) -> None:
    changes = list(_differences(before, now, ""))
    if changes:
        raise RunError(
            f"{folder.space_file} is not what the run began with:\n"
            + "\n".join(f"  {change}" for change in changes)
            + "\nput it back, or start a new run with it"
        )


def _differences(before: Any, now: Any, path: str) -> list[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        keys = [*before, *(key for key in now if key not in before)]
        return [
            line
            for key in keys
            for line in _differences(
                before.get(key), now.get(key), f"{path}.{key}" if path else str(key)
            )
        ]
    return [] if before == now else [f"{path}: was {before}, is {now}"]
