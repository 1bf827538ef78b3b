"""The shipped search spaces, and what they say of themselves."""

from __future__ import annotations

import re
from itertools import takewhile
from pathlib import Path
from typing import Any

from cnnsearch.space.shipped import shipped_spaces


def catalogue() -> list[dict[str, Any]]:
    """Return name, path and description of each shipped space as plain values."""
    return [
        {"name": name, "path": str(path), "description": _description(path)}
        for name, path in shipped_spaces().items()
    ]


def _description(path: Path) -> str:
    """Return the first sentence of the comment at the top of the file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    comment = takewhile(lambda line: line.startswith("#"), lines)
    text = " ".join(line.lstrip("# ").rstrip() for line in comment)
    text = re.sub(r"(?<=\w)- ", "-", text)  # a word that was divided between two lines
    return re.split(r"(?<=\.) (?=[A-Z`])", text)[0].rstrip(".")
