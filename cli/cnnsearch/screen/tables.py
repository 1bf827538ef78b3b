"""Results on stdout: tables for a terminal, whole lines for a pipe."""

from __future__ import annotations

from rich.console import Console, RenderableType
from rich.text import Text

from cnnsearch.screen import wording
from cnnsearch.screen.best_trials import best_trials
from cnnsearch.screen.explanation import explanation_lines
from cnnsearch.screen.fields import Event, mappings, number, printable, section, text, whole
from cnnsearch.screen.figures import figures
from cnnsearch.screen.outcomes import failures, looked_at, why_not_trained
from cnnsearch.screen.run_facts import run_facts
from cnnsearch.screen.setting_words import setting_value
from cnnsearch.screen.summary_fields import Summary, called, index
from cnnsearch.screen.terminal import encodable, print_plainly, stdout_console


def print_result(summary: Summary, console: Console | None = None) -> None:
    """Print the end of a run: its figures, the best trials and what was exported."""
    console = console or stdout_console()
    print_plainly(console, *figures(summary))
    print_plainly(console, "", *best_trials(summary))
    print_plainly(console, "", *looked_at(summary))
    _print_exports(console, summary)
    run = section(summary, "run")
    if text(run, "name"):
        print_plainly(
            console,
            f"more: cnnsearch show {called(run)}; as a page: cnnsearch report {called(run)}",
        )


def print_show(summary: Summary, console: Console | None = None) -> None:
    """Print all that a run has found, the winner's settings and every failure included."""
    console = console or stdout_console()
    print_plainly(console, *run_facts(section(summary, "run")), "")
    print_plainly(console, *figures(summary))
    print_plainly(console, "", *best_trials(summary))
    print_plainly(console, *_winner_settings(summary))
    print_plainly(console, *explanation_lines(summary))
    print_plainly(console, "", *looked_at(summary))
    print_plainly(console, *why_not_trained(summary), *failures(summary))
    _print_exports(console, summary)


def print_timing(timing: Event, console: Console | None = None) -> None:
    """Print where the time went: names ending in `_s` are seconds, in `_share` shares of one."""
    console = console or stdout_console()
    width = max((len(str(name)) for name in timing), default=0)
    for name in timing:
        print_plainly(console, f"{_timing_name(name):<{width}}  {_timing_value(timing, name)}")
    if (whole(timing, "workers") or 0) > 1:
        print_plainly(console, "(import, search, fit and evaluate are of all workers together)")


def _winner_settings(summary: Summary) -> list[RenderableType]:
    winner = section(summary, "winner")
    settings = section(winner, "settings")
    if not settings:
        return []
    width = max(map(len, settings))
    lines = [
        f"  {printable(path):<{width}}  {setting_value(value)}" for path, value in settings.items()
    ]
    return ["", f"settings of trial {index(winner, 'trial')}", *lines]


def _print_exports(console: Console, summary: Summary) -> None:
    """Print a line an exported file, never broken, so that its path can be copied."""
    folder = text(section(summary, "run"), "folder")
    for exported in mappings(summary, "exports"):
        line = encodable(wording.export(exported, folder), console.options.encoding)
        console.print(Text(line), soft_wrap=True)


def _timing_name(name: object) -> str:
    return printable(str(name)).removesuffix("_s").replace("_", " ")


def _timing_value(timing: Event, name: str) -> str:
    value = number(timing, name)
    if value is None:
        return setting_value(timing[name])
    if name.endswith("_share"):
        return f"{100 * value:.1f} %"
    if name.endswith("_s"):
        return wording.duration(value) if value >= 10 else f"{value:.2f}s"
    return f"{value:,.6g}"
