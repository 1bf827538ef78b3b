"""What `cnnsearch show` finds by a name, and prints of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnsearch.errors import UsageError
    from cnnsearch.records.folder import RunFolder


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
    from cnnsearch.space.spelling import near, stem

    known = [folder.name for folder in list_run_folders(runs)]
    files = [str(file) for file in beside(Path(name))]
    options = [
        f"`{option}`" for option in near(name, [*known, *files, *shipped_spaces()], compared=stem)
    ]
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


def show_run(folder: RunFolder, *, timing: bool, as_json: bool) -> None:
    """Print what a run has found so far."""
    from cnnsearch.commands.printing import print_json
    from cnnsearch.results.summary import summarize
    from cnnsearch.screen.tables import print_show, print_timing

    summary = summarize(folder)
    if as_json:
        print_json(summary)
    elif timing:
        print_timing(summary["timing"])
    else:
        print_show(summary)
