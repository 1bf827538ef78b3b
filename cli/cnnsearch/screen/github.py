"""What GitHub's runner takes from a job: annotations, and a summary of the step.

Escaping as in actions/toolkit, packages/core/src/command.ts; sizes as in GitHub's "Workflow
commands for GitHub Actions": a step's summary has at most 1 MiB.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["error", "warning", "notice"]

MOST_BYTES = 2**20 - 1
CUT = "\n\nThe rest was cut: GitHub takes no more than 1 MiB.\n"


def on_github() -> bool:
    """Tell whether this process belongs to a job of GitHub's."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def annotate(
    kind: Kind, title: str, message: str, position: tuple[str, int, int] | None = None
) -> None:
    """Annotate the job, or a line and column of a file, where the job is one of GitHub's.

    Elsewhere it is told on stderr in plain words.
    """
    if not on_github():
        print(f"{kind.capitalize()}: {message}", file=sys.stderr)
        return
    properties = f"title={_property(title)}"
    if position is not None:
        file, line, column = position
        properties += f",file={_property(_in_workspace(file))},line={line},col={column}"
    print(f"::{kind} {properties}::{_data(message)}", file=sys.stderr)


def append_step_summary(text: str) -> None:
    """Append Markdown to the step's summary, if there is one, and cut what it would not take.

    A summary that cannot be written costs the job nothing but the summary.
    """
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if not place:
        return
    path = Path(place)
    try:
        used = path.stat().st_size if path.exists() else 0
        with path.open("ab") as file:
            file.write(cut(text + "\n", MOST_BYTES - used))
    except OSError as error:
        annotate("warning", "cnnsearch", f"no summary of the step was written: {error}")


def cut(text: str, most_bytes: int) -> bytes:
    """Return the text as UTF-8, cut at the end of a line, with a note, to at most so many bytes."""
    whole = text.encode()
    if len(whole) <= most_bytes:
        return whole
    note = CUT.encode()
    if most_bytes < len(note):
        return b""
    kept = whole[: most_bytes - len(note)]
    return kept[: kept.rfind(b"\n") + 1] + note


def _in_workspace(file: str) -> str:
    """Return the path as GitHub knows it: from the root of the repository."""
    path, workspace = Path(file).resolve(), Path(os.environ.get("GITHUB_WORKSPACE", ".")).resolve()
    return str(path.relative_to(workspace)) if path.is_relative_to(workspace) else file


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
