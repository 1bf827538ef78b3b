"""Open a run: everything that can be wrong is found here, before a worker costs a second."""

from __future__ import annotations

import contextlib
import platform
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnsearch.architecture.impossible import refuse_impossible
from cnnsearch.architecture.memory import training_memory
from cnnsearch.errors import RunError, SpaceError
from cnnsearch.exporting.formats import refuse_missing_extras
from cnnsearch.records.earlier import write_earlier_trials
from cnnsearch.records.files import write_json
from cnnsearch.records.folder import RunFolder, create_run_folder, write_run_facts
from cnnsearch.records.study import create_study, open_study
from cnnsearch.space import Override, SearchSpace, draw, first_guess, load_space
from cnnsearch.tuning.proposals import Proposal, Proposals
from cnnsearch.tuning.warm_start import refuse_itself, warm_start

if TYPE_CHECKING:
    from cnnsearch.data import Dataset

Progress = Callable[[int, int], None]
LIBRARIES = ("cnnsearch", "tensorflow", "keras", "keras-tuner", "optuna", "numpy")


def start_run(
    space: SearchSpace,
    runs: Path,
    name: str | None,
    progress: Progress | None = None,
    *,
    begin_with: RunFolder | None = None,
) -> RunFolder:
    """Check space and data against each other and make the run's folder.

    With `begin_with`, the search learns from the trials of that run, which are copied.

    Raises:
        DataError: The dataset cannot be used.
        UsageError: A format to export needs what is not installed.
        SpaceError: It is certain that no candidate can be built for the data.
        NothingFeasibleError: No candidate is within the limits.
        RunError: The folder cannot be made, or the other run has nothing to learn from.
    """
    if begin_with is not None:
        refuse_itself(begin_with, runs, name)
    refuse_missing_extras(space.export.formats)
    space = _anchored(space)
    dataset = open_data(space, progress)
    first = _first_proposal(space, dataset)
    warm = warm_start(space, dataset.fingerprint, begin_with) if begin_with else None
    folder = create_run_folder(runs, name, space.name)
    with _whole_or_gone(folder):
        create_study(folder.journal, space.objectives)
        if warm is not None:
            write_earlier_trials(folder, warm.trials)
        began_with = {} if warm is None else {"began_with": warm.facts()}
        facts = _facts(space, dataset) | {"worker_bytes": _worker_bytes(dataset, first)}
        write_run_facts(folder, space.to_yaml(), {**facts, **began_with})
    return folder


@contextlib.contextmanager
def _whole_or_gone(folder: RunFolder) -> Iterator[None]:
    """Remove a folder that could not be filled, on a full disk say: its name is for another try."""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder.path, ignore_errors=True)
        raise


def reopen_run(folder: RunFolder, progress: Progress | None = None) -> None:
    """Make sure that a run can go on as it was begun.

    Raises:
        RunError: The run is finished, or its space or data are not what they were.
    """
    folder.read_facts()
    if folder.summary.exists():
        raise RunError(
            f"the run {folder.name} is finished: `cnnsearch show {folder.called}` tells what it "
            "found"
        )
    space, _ = open_as_begun(folder, progress)
    _refuse_other_steps(folder)
    refuse_missing_extras(space.export.formats)


def _refuse_other_steps(folder: RunFolder) -> None:
    """Refuse to search on where an earlier version counted every trial's own steps."""
    if "step_images" in folder.read_facts() or "winner" in open_study(folder.journal).facts():
        return
    raise RunError(
        f"{folder.name} was begun by an earlier version of cnnsearch, which counted training steps "
        "otherwise: it can be shown and exported, and not be gone on with; "
        f"`cnnsearch run --from {folder.called}` begins a new one that learns from it"
    )


def open_as_begun(
    folder: RunFolder, progress: Progress | None = None
) -> tuple[SearchSpace, Dataset]:
    """Return the space and the data of a run.

    Raises:
        RunError: They are not what they were when it began.
        DataError: The data is not there any more.
    """
    facts = folder.read_facts()
    try:
        space = load_space(folder.space_file)
    except SpaceError as error:
        raise RunError(f"{error}\nput the file back, or start a new run") from None
    _refuse_changed(facts["document"], space.document, folder)
    dataset = open_data(space, progress)
    if dataset.fingerprint != facts["dataset"]["fingerprint"]:
        raise RunError(
            f"the dataset {facts['dataset']['name']} has changed since {folder.name} began; "
            "start a new run"
        )
    return space, dataset


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


def extend_budget(folder: RunFolder, limits: Sequence[Override]) -> None:
    """Give the run other limits than it began with, what was spent so far included.

    Raises:
        SpaceError: They are no limits.
        RunError: The search is over for good, or a process works on the run now.
    """
    budget = _budget_facts(load_space(folder.space_file, limits))
    changed = {limit.text.partition("=")[0].removeprefix("budget.") for limit in limits}
    with folder.lock():  # a worker that takes over reads the budget again
        study = open_study(folder.journal, writing=True)
        if "winner" in study.facts():
            raise RunError(
                f"the search of {folder.name} is over and its winner is chosen: "
                f"`cnnsearch resume {folder.called}` ends the run; to search more, start a new one"
            )
        study.note_study(search_ended=None)
        facts = folder.read_facts()
        new = {key: value for key, value in budget.items() if key.removesuffix("_s") in changed}
        write_json(folder.run_file, {**facts, "budget": {**facts["budget"], **new}})


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


def _first_proposal(space: SearchSpace, dataset: Dataset) -> Proposal:
    """Return what would be tried first.

    Raises:
        SpaceError: It is certain that no candidate can be built for the data.
        NothingFeasibleError: No candidate is within the limits.
    """
    refuse_impossible(space, dataset.shape, len(dataset.classes))
    proposals = Proposals(space, dataset.shape, len(dataset.classes))
    first = proposals.next([])
    if first is None:
        raise proposals.nothing_feasible()
    return first


def _worker_bytes(dataset: Dataset, first: Proposal) -> int:
    """Return the memory that a worker takes besides the libraries: its images, and a training."""
    images = sum(images.nbytes for images, _ in dataset.splits().values())
    return images + training_memory(first.architecture, first.candidate.training)


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
            "notes": list(dataset.notes),
        },
        "budget": _budget_facts(space),
        "step_images": draw(space, first_guess).training.batch_size,  # see tuning/rungs.py
        "seed": space.search.seed,
        "objectives": dict(space.objectives),
        "versions": {name: version(name) for name in LIBRARIES}
        | {"python": platform.python_version()},
        "machine": platform.platform(),
    }


def _budget_facts(space: SearchSpace) -> dict[str, Any]:
    return space.budget.model_dump()


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
