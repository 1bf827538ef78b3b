"""Trials, a line each: without the least important columns where there is little room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from cnnsearch.screen.fitting import GAP, Column, fitting, forms
from cnnsearch.screen.setting_words import Settings, telling_settings

SETTINGS = "settings"
LEAST_SETTINGS = 16  # columns; fewer tell nothing
WIDEST = 160  # columns: a line of a log stays readable, and the settings are cut
DISPENSABLE = ("MACs", "parameters", "at step", "state")  # after the settings, in this order


@dataclass(frozen=True)
class TrialTable:
    """A table without lines: numbers to the right, the settings last and cut to fit.

    Args:
        columns: Their names, and those of numbers are all but the state.
        rows: The cells of each trial.
        settings: What is in the last column, and its heading.
        objectives: Columns that are never left out.
        styles: Of each row, where they are not plain.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    settings: TrialSettings
    objectives: Collection[str] = ()
    styles: Sequence[str] = ()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, WIDEST)
        dispensable = [name for name in DISPENSABLE if name not in self.objectives]
        kept = fitting(forms(self._columns(), [SETTINGS, *dispensable]), width).columns
        table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
        for column in kept:
            if column.name != SETTINGS:
                table.add_column(Text(column.name), justify="right", no_wrap=True)
        if kept[-1].name == SETTINGS:
            table.expand = True  # only so are the settings cut, and not the numbers
            table.add_column(self.settings.heading, no_wrap=True, overflow="ellipsis", ratio=1)
        for index, cells in enumerate(zip(*(column.cells for column in kept), strict=True)):
            table.add_row(*map(Text, cells), style=self.styles[index] if self.styles else "")
        yield from console.render(table, options.update_width(width))

    def _columns(self) -> list[Column]:
        cells = zip(*self.rows, strict=True)
        columns = [Column(name, own) for name, own in zip(self.columns, cells, strict=True)]
        return [*columns, Column(SETTINGS, self.settings.words, least=LEAST_SETTINGS)]


@dataclass(frozen=True)
class TrialSettings:
    """The settings of trials in words: of each those that are not as in the run's first.

    Of the first itself those are told that are named with another.
    """

    heading: str
    words: Sequence[str]


def trial_settings(
    rows: Sequence[Settings], every: Sequence[Settings], first: int
) -> TrialSettings:
    """Return the settings of the listed trials, told by those of `first`, the run's first trial."""
    words = telling_settings(rows, every, unlike=every[0] if every else None)
    return TrialSettings(unlike(first), words)


def unlike(first: int) -> str:
    """Return the heading of settings that are told by those of the run's first trial."""
    return f"settings unlike trial {first}'s"
