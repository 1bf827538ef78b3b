"""The network that `cnnsearch show NAME --architecture` means: of a space or of a trial."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnsearch.architecture import Architecture
    from cnnsearch.space import TrainingSettings


def describe_named(
    name: str | None, runs: Path, trial: int | None, data: str | None
) -> tuple[str, dict[str, Any]]:
    """Return a title and the costs of a network.

    A search space, by path or shipped name, stands for its first guess; a run for its winner, or
    for the trial that is asked for.

    Raises:
        UsageError: There is no such space, run or trial.
    """
    from cnnsearch.architecture.costs import costs

    if trial is None and name is not None and _is_space(name, runs):
        architecture, training = _first_guess(name, data)
        return f"{name}, first guess", costs(architecture, training)
    title, architecture = _of_run(name, runs, trial)
    return title, costs(architecture)


def _is_space(name: str, runs: Path) -> bool:
    from cnnsearch.space import shipped_spaces

    return not (runs / name).is_dir() and (name in shipped_spaces() or Path(name).is_file())


def _first_guess(name: str, data: str | None) -> tuple[Architecture, TrainingSettings]:
    from json import dumps

    from cnnsearch.architecture import InfeasibleError, describe
    from cnnsearch.data.shapes import shape_and_classes
    from cnnsearch.errors import NothingFeasibleError
    from cnnsearch.space import draw, first_guess, load_space

    space = load_space(name, [f"data.source={dumps(data)}"] if data is not None else [])
    shape, classes = shape_and_classes(space.data.source, space.data.image_size)
    candidate = draw(space, first_guess)
    try:
        return describe(candidate.architecture, shape, classes), candidate.training
    except InfeasibleError as error:
        raise NothingFeasibleError(f"the first guess of {name} is impossible: {error}") from error


def _of_run(name: str | None, runs: Path, trial: int | None) -> tuple[str, Architecture]:
    import json

    from cnnsearch.architecture import Architecture
    from cnnsearch.errors import RunError
    from cnnsearch.records.folder import find_run_folder
    from cnnsearch.results.summary import summarize

    folder = find_run_folder(runs, name)
    if trial is None:
        winner = summarize(folder, explained=False)["winner"]
        if winner is None:
            raise RunError(f"{folder.name} has no winner yet; name a trial with --trial")
        trial = int(winner["trial"])
    path = folder.trial(trial) / "architecture.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: cannot be read; trial {trial} has no such record") from error
    return f"{folder.name}, trial {trial}", Architecture.from_json(document)
