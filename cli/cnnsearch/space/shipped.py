"""The search spaces that come with cnnsearch, by name."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def shipped_folder() -> Path:
    """Return the folder of the shipped spaces: inside the package, or the repository's own."""
    installed = Path(str(files("cnnsearch"))) / "search_spaces"
    if installed.is_dir():
        return installed
    return Path(__file__).resolve().parents[3] / "search_spaces"


def shipped_spaces() -> dict[str, Path]:
    """Return every shipped space by name; one in a sub-folder is named `folder/name`."""
    folder = shipped_folder()
    return {
        path.relative_to(folder).with_suffix("").as_posix(): path
        for path in sorted(folder.rglob("*.yaml"))
    }
