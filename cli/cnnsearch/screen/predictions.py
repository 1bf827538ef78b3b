"""What `cnnsearch predict` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnnsearch.errors import DataError
from cnnsearch.screen.terminal import print_plainly, stdout_console
from cnnsearch.screen.wording import score
from cnnsearch.space.quantities import plural

NAMED = 20  # files that are named on stderr; `--json` has all


def print_predictions(found: Mapping[str, Any], console: Console | None = None) -> None:
    """Print a line an image: its label with its probability, and the next ones."""
    predictions = found["predictions"]
    if not predictions:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("image", overflow="fold")
    table.add_column("label", overflow="fold")
    table.add_column("probability", justify="right")
    several = any(len(each["top"]) > 1 for each in predictions)
    if several:
        table.add_column("then", overflow="fold")
    for each in predictions:
        first, *others = each["top"]
        row = [one_line(each["image"]), one_line(first["label"]), score(first["probability"])]
        table.add_row(*(Text(cell) for cell in [*row, *([_others(others)] * several)]))
    print_plainly(console or stdout_console(), table)


def unreadable_error(found: Mapping[str, Any]) -> DataError:
    """Return the error that names and counts what is no image, or not there."""
    lost = found["unreadable"]
    of = len(lost) + len(found["predictions"])
    lines = [f"{len(lost):,} of {plural(of, 'image')} cannot be read"]
    lines += [f"  {one_line(each['image'])}: {each['reason']}" for each in lost[:NAMED]]
    if len(lost) > NAMED:
        lines.append(f"  and {len(lost) - NAMED:,} more; --json names all")
    return DataError("\n".join(lines))


def _others(others: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{one_line(each['label'])} {score(each['probability'])}" for each in others)


def one_line(name: str) -> str:
    """Return a name without the characters that would move the cursor or start another line."""
    return "".join(char if char.isprintable() else "?" for char in name)
