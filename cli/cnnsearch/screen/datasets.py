"""What `cnnsearch datasets` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from cnnsearch.screen.terminal import Plainly, can_redraw, stderr_console, stdout_console

FOUND_NOWHERE = "downloaded at first use"
LABEL_WIDTH = 11


def print_catalogue(entries: Iterable[Mapping[str, Any]], console: Console | None = None) -> None:
    """Print one line a shipped dataset."""
    table = _table("dataset", "images", "classes", "licence", "place", numeric={"classes"})
    for entry in entries:
        table.add_row(
            entry["name"],
            _shape(entry["shape"]),
            f"{len(entry['classes'])}",
            entry["licence"],
            Text(entry["place"] or FOUND_NOWHERE),
        )
    _print(console or stdout_console(), table)


def print_facts(facts: Mapping[str, Any], console: Console | None = None) -> None:
    """Print what is known about one dataset: its facts, then a line a class."""
    console = console or stdout_console()
    labels = ("dataset", "source", "licence", "images", "fingerprint")
    values = [facts["name"], facts["source"], facts["licence"], _shape(facts["shape"])]
    for label, value in zip(labels, [*values, facts["fingerprint"]], strict=True):
        _print(console, Text(f"{label:<{LABEL_WIDTH}} {value}"))
    for note in facts["notes"]:
        _print(console, Text(f"{'note':<{LABEL_WIDTH}} {note}"))
    splits = list(facts["examples"])
    table = _table("class", *splits, numeric=set(splits))
    for name, counts in facts["class_counts"].items():
        table.add_row(Text(name), *(f"{counts[split]:,}" for split in splits))
    table.add_row(Text("all", "bold"), *(f"{facts['examples'][split]:,}" for split in splits))
    _print(console, "", table)


@contextmanager
def decoding_progress(doing: str = "Decoding images") -> Iterator[Callable[[int, int], None]]:
    """Show a bar on stderr while images are worked through; nothing where nobody watches."""
    console = stderr_console()
    with Progress(console=console, transient=True, disable=not can_redraw(console)) as bar:
        task = bar.add_task(doing, total=None, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)


def _table(*columns: str, numeric: set[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if name in numeric else "left", overflow="fold")
    return table


def _shape(shape: Iterable[int]) -> str:
    height, width, channels = shape
    return f"{height}x{width} {'grey' if channels == 1 else 'RGB'}"


def _print(console: Console, *parts: RenderableType) -> None:
    for part in parts:
        console.print(Plainly(part))
