"""What `cnnsearch show` finds by a name, and prints of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from cnnsearch.errors import UsageError
    from cnnsearch.records.folder import RunFolder
    from cnnsearch.space import TrainingSettings

Titled: TypeAlias = "tuple[str, dict[str, Any]]"  # a title, and the costs of a network


def find_run(name: str | None, runs: Path) -> RunFolder | None:
    """Return the run of that name or path, or None where it is a search space.

    Raises:
        UsageError: It is neither.
    """
    from cnnsearch.records.folder import existing_run, find_run_folder
    from cnnsearch.space import shipped_spaces
    from cnnsearch.space.finding import is_file

    if name is None:
        return find_run_folder(runs, None)
    found = existing_run(runs, name)
    if found is None and name not in shipped_spaces() and not is_file(Path(name)):
        raise _not_found(name, runs)
    return found


def _not_found(name: str, runs: Path) -> UsageError:
    from cnnsearch.errors import RunError
    from cnnsearch.records.folder import list_run_folders
    from cnnsearch.space import shipped_spaces
    from cnnsearch.space.finding import beside
    from cnnsearch.space.spelling import near

    known = [folder.name for folder in list_run_folders(runs)]
    files = [str(file) for file in beside(Path(name))]
    options = [f"`{option}`" for option in near(name, [*known, *shipped_spaces(), *files])]
    others = f"did you mean {' or '.join(options)}?" if options else ""
    hint = others or "`cnnsearch runs` and `cnnsearch spaces` list them"
    return RunError(f"there is no run {name} in {runs}, and no search space of that name; {hint}")


def refuse(given: Mapping[str, bool], why: str) -> None:
    """Refuse options that are given and have no meaning here.

    Raises:
        UsageError: One is given.
    """
    from cnnsearch.errors import UsageError

    for option, is_given in given.items():
        if is_given:
            raise UsageError(f"{option} is for {why}")


def first_guess_of(name: str, data: str | None, overrides: Sequence[str] | None) -> Titled:
    """Return the network of a search space's first guess.

    Raises:
        UsageError: There is no such space or dataset.
        NothingFeasibleError: The first guess cannot be built.
    """
    from json import dumps

    from cnnsearch.architecture import InfeasibleError, describe
    from cnnsearch.architecture.costs import costs
    from cnnsearch.commands.checking import shape_and_classes_of
    from cnnsearch.errors import NothingFeasibleError
    from cnnsearch.space import Override, draw, first_guess, load_space

    given = [Override(f"data.source={dumps(data)}", "--data")] if data is not None else []
    space = load_space(name, [*given, *(overrides or [])])
    shape, classes = shape_and_classes_of(space)
    candidate = draw(space, first_guess)
    try:
        architecture = describe(candidate.architecture, shape, classes)
    except InfeasibleError as error:
        raise NothingFeasibleError(f"the first guess of {name} is impossible: {error}") from error
    return f"{name}, first guess", costs(architecture, candidate.training)


def trial_of(folder: RunFolder, number: int | None) -> Titled:
    """Return the network of a trial, or of the run's winner.

    Raises:
        RunError: There is no such trial, or no winner yet.
    """
    import json

    from cnnsearch.architecture import Architecture
    from cnnsearch.architecture.costs import costs
    from cnnsearch.errors import RunError

    trial = _winner_of(folder) if number is None else number
    path = folder.trial(trial) / "architecture.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: cannot be read; trial {trial} has no such record") from error
    network = Architecture.from_json(document)
    return f"{folder.name}, trial {trial}", costs(network, _training_of(folder, trial))


def _winner_of(folder: RunFolder) -> int:
    from cnnsearch.errors import RunError
    from cnnsearch.results.summary import summarize

    winner = summarize(folder)["winner"]
    if winner is None:
        raise RunError(f"{folder.name} has no winner yet; name a trial with --trial")
    return int(winner["trial"])


def _training_of(folder: RunFolder, trial: int) -> TrainingSettings | None:
    """Return how a trial is trained; None where only its layers are known.

    So it is where space.yaml has been changed, or where another version wrote it.
    """
    from cnnsearch.errors import UsageError
    from cnnsearch.records.study import open_study
    from cnnsearch.space import draw, load_space, replay

    try:
        record = open_study(folder.journal).trials()[trial]
        training = draw(load_space(folder.space_file), replay(record.settings)).training
    except (UsageError, LookupError):
        return None
    batch_size = record.batch_size or training.batch_size
    return training.model_copy(update={"batch_size": batch_size})


def show_layers(title: str, costs: dict[str, Any], diagram: Path | None, *, as_json: bool) -> None:
    """Print a network, and draw it to a file where one is named."""
    import sys

    from cnnsearch.commands.carrying_out import print_json
    from cnnsearch.screen.architecture import print_architecture
    from cnnsearch.screen.diagram import save_diagram

    if diagram is not None:
        save_diagram(title, costs, diagram)
        print(f"Drawing: {diagram}", file=sys.stderr)
    print_json({"title": title, **costs}) if as_json else print_architecture(title, costs)


def show_run(folder: RunFolder, *, timing: bool, as_json: bool) -> None:
    """Print what a run has found so far."""
    from cnnsearch.commands.carrying_out import print_json
    from cnnsearch.results.summary import summarize
    from cnnsearch.screen.tables import print_show, print_timing

    summary = summarize(folder)
    if as_json:
        print_json(summary)
    elif timing:
        print_timing(summary["timing"])
    else:
        print_show(summary)
