"""What an export holds, a line each file: how large, how close, how quick."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnnsearch.screen import wording
from cnnsearch.screen.fields import Event, finite, number, section, text
from cnnsearch.screen.terminal import print_plainly, stdout_console

COLUMNS = ("file", "precision", "size", "largest difference", "equal labels", "one image")


def print_export(manifest: Event, console: Console | None = None) -> None:
    """Print where an export lies and what is in it."""
    console = console or stdout_console()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in COLUMNS:
        table.add_column(name, justify="left" if name in COLUMNS[:2] else "right")
    for row in manifest["models"]:
        table.add_row(*map(Text, _cells(row)))
    print_plainly(console, table)
    for row in manifest["models"]:
        scored = section(row, "scored")
        if scored:
            print_plainly(console, f"{text(row, 'path')}: {_accuracy(scored)}")
    for warning in manifest["warnings"]:
        print_plainly(console, f"warning: {warning}")
    winner = "the winner" if manifest["is_winner"] else "not the winner; its test score is unread"
    console.print(
        Text(f"Trial {manifest['trial']} of {manifest['run']} ({winner}): {manifest['folder']}"),
        soft_wrap=True,
    )


def _cells(row: Event) -> tuple[str, ...]:
    equal, difference = finite(row, "equal_labels"), finite(row, "largest_difference")
    return (
        text(row, "path") or wording.NOTHING,
        text(row, "precision") or wording.NOTHING,
        wording.size(finite(row, "size_bytes")),
        wording.NOTHING if difference is None else f"{difference:.2g}",
        wording.NOTHING if equal is None else wording.percent(equal),
        wording.latency(number(section(row, "latency_ms"), "median")),
    )


def _accuracy(scored: Event) -> str:
    own, trained = finite(scored, "accuracy"), finite(scored, "trained_accuracy")
    split = f"{text(scored, 'split')} accuracy"
    return f"{split} {wording.score(own)}, of the trained network {wording.score(trained)}"
