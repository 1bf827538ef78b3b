"""Results on stdout: tables for a terminal, whole lines for a pipe."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from cnnsearch.screen import wording
from cnnsearch.screen.board import BEST_COUNT
from cnnsearch.screen.fields import Event, finite, number, printable, section, text, whole
from cnnsearch.screen.terminal import Plainly, encodable, stdout_console
from cnnsearch.screen.view import describe_dataset, trial_table

Summary = Mapping[str, Any]
LABEL_WIDTH = 11


def print_result(summary: Summary, console: Console | None = None) -> None:
    """Print the end of a run: its figures, the best trials and what was exported."""
    console = console or stdout_console()
    _print_figures(console, summary)
    _print(console, "", *_best_trials(summary))
    _print(console, "", *_looked_at(summary))
    _print_exports(console, summary)
    name = text(section(summary, "run"), "name")
    if name:
        _print(console, f"more: cnnsearch show {name}")


def print_show(summary: Summary, console: Console | None = None) -> None:
    """Print all that a run has found, the winner's settings and every failure included."""
    console = console or stdout_console()
    _print(console, *_run_facts(section(summary, "run")), "")
    _print_figures(console, summary)
    _print(console, "", *_best_trials(summary))
    _print(console, *_winner_settings(summary))
    _print(console, "", *_looked_at(summary))
    _print(console, *_reasons(section(summary, "infeasible")), *_failures(_trials(summary)))
    _print_exports(console, summary)


def print_runs(rows: Iterable[Event], console: Console | None = None) -> None:
    """Print one line a run."""
    console = console or stdout_console()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", expand=True)
    for name in ("run", "state", "started", "trials", "value", "test", "space"):
        numeric = name in ("trials", "value")
        table.add_column(name, justify="right" if numeric else "left", no_wrap=True)
    table.add_column("dataset", no_wrap=True, overflow="ellipsis", ratio=1)
    for row in rows:
        table.add_row(*map(Text, _run_cells(row)))
    _print(console, table if table.row_count else "no runs yet: `cnnsearch run` makes one")


def print_timing(timing: Event, console: Console | None = None) -> None:
    """Print where the time went: names ending in `_s` are seconds, in `_share` shares of one."""
    console = console or stdout_console()
    width = max((len(str(name)) for name in timing), default=0)
    for name in timing:
        _print(console, f"{_timing_name(name):<{width}}  {_timing_value(timing, name)}")


def _print(console: Console, *parts: RenderableType) -> None:
    for part in parts:
        console.print(Plainly(Text(part) if isinstance(part, str) else part))


def _print_figures(console: Console, summary: Summary) -> None:
    winner = section(summary, "winner")
    test, validation = section(summary, "test"), section(summary, "validation")
    if test:
        _print(console, Text(f"test accuracy {wording.accuracy(test)}", "bold green"))
    if validation:
        _print(console, f"validation accuracy {wording.accuracy(validation)}")
    if not winner:
        _print(console, "no winner: no trial has been scored")
        return
    costs = wording.costs(whole(winner, "parameters"), whole(winner, "macs"))
    steps = whole(winner, "steps")
    parts = [costs, f"{steps:,} steps" if steps is not None else ""]
    about = ", ".join(part for part in parts if part)
    _print(console, f"winner: trial {_index(winner, 'trial')}" + (f" ({about})" if about else ""))


def _best_trials(summary: Summary) -> list[RenderableType]:
    """Return the table of the trials with the best values."""
    objective, direction = _objective(section(summary, "run"))
    best = _best(_trials(summary), direction)
    if not best:
        return []
    columns = ["trial", objective, "parameters", "MACs", "steps", "state"]
    table = trial_table(columns, settings=True)
    settings = wording.telling_settings([section(trial, "settings") for trial in best])
    for trial, words in zip(best, settings, strict=True):
        cells = [
            _index(trial, "number"),
            wording.score(number(trial, "value")),
            wording.count(whole(trial, "parameters")),
            wording.count(whole(trial, "macs")),
            wording.whole_number(finite(trial, "steps")),
            wording.state_words(text(trial, "state") or wording.NOTHING),
            words,
        ]
        table.add_row(*map(Text, cells))
    return [table]


def _best(trials: Sequence[Event], direction: str) -> list[Event]:
    sign = 1 if direction == "min" else -1
    values = [(number(trial, "value"), trial) for trial in trials]
    scored = [
        (value, trial) for value, trial in values if value is not None and math.isfinite(value)
    ]
    scored.sort(key=lambda entry: (sign * entry[0], whole(entry[1], "number") or 0))
    return [trial for _, trial in scored[:BEST_COUNT]]


def _looked_at(summary: Summary) -> list[RenderableType]:
    """Say how many candidates there were: the best value of many is an optimistic one."""
    counts = _counts(summary)
    trained = wording.ended_trials(counts)
    infeasible = whole(section(summary, "infeasible"), "count") or 0
    words = f"{wording.plural(trained + infeasible, 'candidate')} looked at: {trained:,} trained"
    words += f", {infeasible:,} infeasible (never trained)" if infeasible else ""
    ways = wording.trial_counts(counts, by_kind=True)
    lines: list[RenderableType] = [words]
    lines += [f"{wording.plural(trained, 'trial')}: {ways}"] if ways else []
    if trained > 1:
        lines.append(
            f"the best validation value of {trained:,} is optimistic; the test value is not"
        )
    return lines


def _counts(summary: Summary) -> dict[str, int]:
    counts = section(summary, "counts")
    return {state: whole(counts, state) or 0 for state in counts}


def _print_exports(console: Console, summary: Summary) -> None:
    """Print a line an exported file, never broken, so that its path can be copied."""
    folder = text(section(summary, "run"), "folder")
    for exported in _mappings(summary.get("exports")):
        line = encodable(wording.export(exported, folder), console.options.encoding)
        console.print(Text(line), soft_wrap=True)


def _run_facts(run: Event) -> list[RenderableType]:
    dataset = run.get("dataset")
    data = describe_dataset(section(run, "dataset")) or (text(run, "dataset") or "")
    facts = {
        "run": text(run, "name"),
        "folder": text(run, "folder"),
        "state": text(run, "state"),
        "space": text(run, "space"),
        "dataset": data if dataset is not None else None,
        "device": text(run, "device"),
        "seed": None if whole(run, "seed") is None else str(whole(run, "seed")),
        "started": _moment(run, "started"),
        "took": wording.duration(finite(run, "elapsed_s")),
        "budget": _budget(section(run, "budget")),
    }
    return [_fact(name, value) for name, value in facts.items() if value]


def _budget(budget: Event) -> str:
    time_s, trials = finite(budget, "time_s"), whole(budget, "trials")
    parts = [wording.duration(time_s)] if time_s is not None else []
    parts += [wording.plural(trials, "trial")] if trials is not None else []
    return ", ".join(parts)


def _winner_settings(summary: Summary) -> list[RenderableType]:
    winner = section(summary, "winner")
    settings = section(winner, "settings")
    if not settings:
        return []
    width = max(map(len, settings))
    lines = [
        f"  {printable(path):<{width}}  {wording.setting_value(value)}"
        for path, value in settings.items()
    ]
    return ["", f"settings of trial {_index(winner, 'trial')}", *lines]


def _reasons(infeasible: Event) -> list[RenderableType]:
    reasons = section(infeasible, "reasons")
    counted = sorted(reasons, key=lambda reason: -(finite(reasons, reason) or 0))
    return [
        f"  {wording.whole_number(finite(reasons, reason))} infeasible: {printable(reason)}"
        for reason in counted
    ]


def _failures(trials: Sequence[Event]) -> list[RenderableType]:
    told = [(trial, text(trial, "message")) for trial in trials if trial.get("state") != "complete"]
    return [
        f"  trial {_index(trial, 'number')} "
        f"{wording.state_words(text(trial, 'state') or 'ended')}: {message}"
        for trial, message in told
        if message
    ]


def _run_cells(row: Event) -> list[str]:
    tested = section(row, "test_accuracy")
    accuracy = wording.accuracy(tested) if tested else wording.score(number(row, "test_accuracy"))
    return [
        text(row, "name") or wording.NOTHING,
        wording.state_words(text(row, "state") or wording.NOTHING),
        _moment(row, "started") or wording.NOTHING,
        wording.whole_number(finite(row, "trials")),
        wording.score(number(row, "value")),
        accuracy,
        text(row, "space") or wording.NOTHING,
        text(row, "dataset") or wording.NOTHING,
    ]


def _moment(facts: Event, key: str) -> str | None:
    """Return a time of day in minutes, from epoch seconds or an ISO 8601 text."""
    written = text(facts, key)
    if written is not None:
        return written[:16].replace("T", " ")
    seconds = finite(facts, key)
    if seconds is None:
        return None
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):
        return None


def _objective(run: Event) -> tuple[str, str]:
    for name, direction in section(run, "objectives").items():
        return name, str(direction)
    return "val_accuracy", "max"


def _timing_name(name: object) -> str:
    return printable(str(name)).removesuffix("_s").replace("_", " ")


def _timing_value(timing: Event, name: str) -> str:
    value = number(timing, name)
    if value is None:
        return wording.setting_value(timing[name])
    if name.endswith("_share"):
        return f"{100 * value:.1f} %"
    if name.endswith("_s"):
        return wording.duration(value) if value >= 10 else f"{value:.2f}s"
    return f"{value:,.6g}"


def _fact(name: str, value: str | None) -> RenderableType:
    return f"{name:<{LABEL_WIDTH}}{value or wording.NOTHING}"


def _index(facts: Event, key: str) -> str:
    return wording.whole_number(finite(facts, key))


def _trials(summary: Summary) -> list[Event]:
    return _mappings(summary.get("trials"))


def _mappings(value: object) -> list[Event]:
    return (
        [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []
    )
