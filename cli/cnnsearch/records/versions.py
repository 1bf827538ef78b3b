"""What files of another version of this program are met with: older ones are told from newer."""

from __future__ import annotations

from pathlib import Path

from cnnsearch.errors import OutdatedRunError, RunError


def refuse_other_version(file: Path, kind: str, version: object, known: int) -> None:
    """Refuse a file of a `kind` that has another version than the one `known` here.

    Raises:
        OutdatedRunError: An earlier version of this program wrote it.
        RunError: A later one did, or none is given.
    """
    if version == known:
        return
    is_older = isinstance(version, int) and version < known
    raise (OutdatedRunError if is_older else RunError)(
        f"{file} has {kind} version {version}; this program reads version {known}\n"
        "use the program that made it, or another run"
    )
