"""The file that a path or the name of a shipped search space means."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path as FilePath
from shlex import quote

from cnnsearch.errors import SpaceError
from cnnsearch.space.shipped import shipped_spaces
from cnnsearch.space.spelling import did_you_mean, stem


def find_space(source: str | FilePath) -> FilePath:
    """Return the file for a path or a shipped name.

    Raises:
        SpaceError: There is neither.
    """
    file, shipped = FilePath(source), shipped_spaces()
    if is_file(file):
        return file
    if str(source) in shipped:
        return shipped[str(source)]
    raise SpaceError(str(source), (), _not_found(file, str(source), shipped))


def _not_found(file: FilePath, name: str, shipped: Iterable[str]) -> str:
    shown = (name if len(name) <= 60 else f"{name[:57]}...") or "''"
    if os.path.isdir(file):  # noqa: PTH112  # unlike Path.is_dir, it never raises
        return f"{shown} is a folder; {_folder_hint(file)}"
    near = [str(path) for path in beside(file) if path != file]
    hint = did_you_mean(name, [*near, *shipped], stem)
    heads = ", ".join(dict.fromkeys(_head(each) for each in shipped))
    if file.suffix in (".yaml", ".yml"):
        return f"there is no file {shown}; shipped search spaces: {heads}{hint}"
    known = f"shipped ones: {heads}; or give the path of a YAML file"
    return f"there is no search space {shown}; {known}{hint}"


def _folder_hint(folder: FilePath) -> str:
    if beside(folder / "any"):
        return "name a YAML file in it"
    return f"a search space is a YAML file, and images are named by --data {quote(str(folder))}"


def _head(name: str) -> str:
    """Return the name of a shipped space, or of the folder that holds it."""
    folder, slash, _ = name.partition("/")
    return f"{folder}/..." if slash else name


def is_file(file: FilePath) -> bool:
    """Tell whether there is a file of that path."""
    return os.path.isfile(file)  # noqa: PTH113  # unlike Path.is_file, it never raises


def beside(file: FilePath) -> list[FilePath]:
    """Return the YAML files in the folder of a file."""
    try:
        return [*file.parent.glob("*.yaml"), *file.parent.glob("*.yml")]
    except OSError:
        return []


def display(file: FilePath) -> str:
    """Return the path as messages show it: from the current folder, where it lies in there."""
    relative = os.path.relpath(file)
    return str(file) if relative.startswith("..") else relative
