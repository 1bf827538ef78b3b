"""Results on stdout: tables for a terminal, whole lines for a pipe."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from shlex import quote
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from cnnsearch.screen import wording
from cnnsearch.screen.board import BEST_COUNT, RANKED
from cnnsearch.screen.explanation import explanation_lines
from cnnsearch.screen.fields import Event, finite, moment, number, printable, section, text, whole
from cnnsearch.screen.setting_words import setting_value, telling_settings
from cnnsearch.screen.terminal import encodable, print_plainly, stdout_console
from cnnsearch.screen.view import describe_dataset, trial_table
from cnnsearch.space.constraints import LATENCIES

Summary = Mapping[str, Any]
LABEL_WIDTH = 11


def print_result(summary: Summary, console: Console | None = None) -> None:
    """Print the end of a run: its figures, the best trials and what was exported."""
    console = console or stdout_console()
    _print_figures(console, summary)
    print_plainly(console, "", *_best_trials(summary))
    print_plainly(console, "", *_looked_at(summary))
    _print_exports(console, summary)
    run = section(summary, "run")
    if text(run, "name"):
        print_plainly(
            console,
            f"more: cnnsearch show {_called(run)}; as a page: cnnsearch report {_called(run)}",
        )


def print_show(summary: Summary, console: Console | None = None) -> None:
    """Print all that a run has found, the winner's settings and every failure included."""
    console = console or stdout_console()
    print_plainly(console, *_run_facts(section(summary, "run")), "")
    _print_figures(console, summary)
    print_plainly(console, "", *_best_trials(summary))
    print_plainly(console, *_winner_settings(summary))
    print_plainly(console, *explanation_lines(summary))
    print_plainly(console, "", *_looked_at(summary))
    print_plainly(console, *_reasons(section(summary, "infeasible")), *_failures(_trials(summary)))
    _print_exports(console, summary)


def print_timing(timing: Event, console: Console | None = None) -> None:
    """Print where the time went: names ending in `_s` are seconds, in `_share` shares of one."""
    console = console or stdout_console()
    width = max((len(str(name)) for name in timing), default=0)
    for name in timing:
        print_plainly(console, f"{_timing_name(name):<{width}}  {_timing_value(timing, name)}")


def _print_figures(console: Console, summary: Summary) -> None:
    winner = section(summary, "winner")
    test, validation = section(summary, "test"), section(summary, "validation")
    if test:
        print_plainly(console, Text(f"test accuracy {wording.accuracy(test)}", "bold green"))
        print_plainly(console, *_no_better_than_guessing(test, summary))
    if validation:
        print_plainly(console, f"validation accuracy {wording.accuracy(validation)}")
    print_plainly(console, *([_winner(winner, summary)] if winner else _best_so_far(summary)))
    ended = text(section(summary, "ended_because"), "message")
    print_plainly(console, *([f"the search ended: {ended}"] if ended else []))
    run = section(summary, "run")
    if text(run, "state") in ("stopped", "killed"):
        print_plainly(console, f"go on with: cnnsearch resume {_called(run)}")


def _no_better_than_guessing(test: Event, summary: Summary) -> list[RenderableType]:
    """Warn of a network that may have learned nothing, however well it was exported."""
    low = number(test, "low")
    classes = whole(section(section(summary, "run"), "dataset"), "classes")
    if low is None or not classes or low > 1 / classes:
        return []
    words = f"that may be no better than guessing one of {classes} classes: search for longer"
    return [Text(words, "bold yellow")]


def _winner(winner: Event, summary: Summary) -> str:
    """Tell the winner's value in the search, and the one that annealing has made of it."""
    objective, _ = _objective(section(summary, "run"))
    value, searched = number(winner, "value"), number(winner, "value_in_search")
    annealed = whole(winner, "annealed_steps")
    words = f"winner: trial {_index(winner, 'trial')}, {objective} "
    words += wording.score(value if searched is None else searched) + " in the search"
    if annealed:
        more = wording.plural(annealed, "more step")
        words += f", {wording.score(value)} after {more} with the learning rate annealed"
    elif value is not None and value != searched:
        words += f", {wording.score(value)} where the search left it"
    parent = whole(winner, "parent")
    if parent is not None:
        words += f"; it began with the weights of trial {parent}"
    costs = wording.costs(whole(winner, "parameters"), whole(winner, "macs"), _latencies(winner))
    return f"{words}; {costs}" if costs else words


def _latencies(trial: Event) -> dict[str, float | None]:
    """Return the median of each measured latency, in ms."""
    measured = section(trial, "measured")
    return {name: number(section(measured, name), "median_ms") for name in measured}


def _best_so_far(summary: Summary) -> list[RenderableType]:
    """Tell the best trial of a run that has no winner yet."""
    run = section(summary, "run")
    objective, direction = _objective(run)
    best = _best(_trials(summary), direction)[:1]
    lines: list[RenderableType] = [
        f"no winner yet; best so far: trial {_index(trial, 'number')}, "
        f"{objective} {wording.score(number(trial, 'value'))}"
        for trial in best
    ]
    return lines or ["no winner yet: no trial has been scored"]


def _called(run: Event) -> str:
    """Return how to name a run to a command: its folder where that is not in `runs`."""
    name, folder = text(run, "name") or "", text(run, "folder") or ""
    return quote(name if PurePath(folder) in (PurePath(), PurePath("runs", name)) else folder)


def _best_trials(summary: Summary) -> list[RenderableType]:
    """Return the table of the trials with the best values, or of all that are on the front."""
    run, front = section(summary, "run"), section(summary, "front")
    objective, direction = _objective(run)
    best = _members(summary) if front else _best(_trials(summary), direction)
    if not best:
        return []
    latencies = [name for name in section(run, "objectives") if name in LATENCIES]
    columns = ["trial", objective, "parameters", "MACs"]
    columns += [*map(wording.heading, latencies), "steps", "state"]
    table = trial_table(columns, settings=True)
    every = [section(trial, "settings") for trial in _trials(summary)]
    settings = telling_settings([section(trial, "settings") for trial in best], every)
    for trial, words in zip(best, settings, strict=True):
        cells = [
            _index(trial, "number"),
            wording.score(number(trial, "value")),
            wording.count(whole(trial, "parameters")),
            wording.count(whole(trial, "macs")),
            *(wording.latency(_latencies(trial).get(name)) for name in latencies),
            wording.whole_number(finite(trial, "steps")),
            _trial_state(trial, summary),
            words,
        ]
        table.add_row(*map(Text, cells))
    return [*_about_front(front, run), table]


def _members(summary: Summary) -> list[Event]:
    """Return the facts of the trials on the front, best score first."""
    trials = {whole(trial, "number"): trial for trial in _trials(summary)}
    members = [
        whole(member, "trial") for member in _mappings(section(summary, "front").get("trials"))
    ]
    return [trials[member] for member in members if member in trials]


def _about_front(front: Event, run: Event) -> list[RenderableType]:
    if not front:
        return []
    objectives = ", ".join(wording.heading(name) for name in section(run, "objectives"))
    trials = wording.plural(len(_mappings(front.get("trials"))), "trial")
    words = (
        f"front of {objectives}: {trials} that no other dominates; the winner has the best score"
    )
    grown = _mappings(front.get("hypervolume"))
    volume = number(grown[-1], "hypervolume") if grown else None
    return [words if volume is None else f"{words}; hypervolume {volume:.3f}"]


def _best(trials: Sequence[Event], direction: str) -> list[Event]:
    sign = 1 if direction == "min" else -1
    values = [(number(trial, "value"), trial) for trial in trials if trial.get("state") in RANKED]
    scored = [
        (value, trial) for value, trial in values if value is not None and math.isfinite(value)
    ]
    scored.sort(key=lambda entry: (sign * entry[0], whole(entry[1], "number") or 0))
    return [trial for _, trial in scored[:BEST_COUNT]]


def _looked_at(summary: Summary) -> list[RenderableType]:
    """Say how many candidates there were: the best value of many is an optimistic one."""
    counts = _counts(summary)
    trained = wording.trained_trials(counts) + sum(counts.get(it, 0) for it in wording.UNFINISHED)
    measured = counts.get("over_limit", 0)
    begun = trained + measured
    infeasible = whole(section(summary, "infeasible"), "count") or 0
    words = f"{wording.plural(begun + infeasible, 'candidate')} looked at: {trained:,} trained"
    words += f", {measured:,} over a measured limit (not trained)" if measured else ""
    words += f", {infeasible:,} outside the limits (never trained)" if infeasible else ""
    ways = wording.trial_counts(counts, by_kind=True)
    lines: list[RenderableType] = [words]
    lines += [f"{wording.plural(begun, 'trial')}: {ways}"] if ways else []
    if trained > 1 and summary.get("test"):
        lines.append(
            f"the best validation value of {trained:,} is optimistic; the test value is not"
        )
    return lines


def _counts(summary: Summary) -> dict[str, int]:
    counts = section(summary, "counts")
    known = {state: whole(counts, state) or 0 for state in counts}
    return known if _goes_on(summary) else wording.without_running(known)


def _trial_state(trial: Event, summary: Summary) -> str:
    state = text(trial, "state") or wording.NOTHING
    if state == "running" and not _goes_on(summary):
        return "unfinished"
    parent = whole(trial, "parent")
    return wording.state_words(state) + ("" if parent is None else f", from trial {parent}")


def _goes_on(summary: Summary) -> bool:
    """Tell whether somebody works on the run: otherwise no trial of it is running."""
    return text(section(summary, "run"), "state") == "running"


def _print_exports(console: Console, summary: Summary) -> None:
    """Print a line an exported file, never broken, so that its path can be copied."""
    folder = text(section(summary, "run"), "folder")
    for exported in _mappings(summary.get("exports")):
        line = encodable(wording.export(exported, folder), console.options.encoding)
        console.print(Text(line), soft_wrap=True)


def _run_facts(run: Event) -> list[RenderableType]:
    started = moment(run, "started")
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
        "started": f"{started:%Y-%m-%d %H:%M} UTC{started:%z}" if started else None,
        "took": wording.duration(finite(run, "elapsed_s")),
        "budget": _budget(section(run, "budget")),
    }
    return [_fact(name, value) for name, value in facts.items() if value]


def _budget(budget: Event) -> str:
    time_s, trials = finite(budget, "time_s"), whole(budget, "trials")
    parts = [wording.duration(time_s)] if time_s is not None else []
    parts += [wording.plural(trials, "trial")] if trials is not None else []
    target, patience_s = number(budget, "target"), finite(budget, "patience_s")
    parts += [f"target {target:g}"] if target is not None else []
    parts += [f"{wording.duration(patience_s)} without a better score"] if patience_s else []
    return ", ".join(parts)


def _winner_settings(summary: Summary) -> list[RenderableType]:
    winner = section(summary, "winner")
    settings = section(winner, "settings")
    if not settings:
        return []
    width = max(map(len, settings))
    lines = [
        f"  {printable(path):<{width}}  {setting_value(value)}" for path, value in settings.items()
    ]
    return ["", f"settings of trial {_index(winner, 'trial')}", *lines]


def _reasons(infeasible: Event) -> list[RenderableType]:
    reasons = section(infeasible, "reasons")
    counted = sorted(reasons, key=lambda reason: -(finite(reasons, reason) or 0))
    return [
        f"  {wording.whole_number(finite(reasons, reason))} never trained: {printable(reason)}"
        for reason in counted
    ]


def _failures(trials: Sequence[Event]) -> list[RenderableType]:
    told = [
        (trial, text(trial, "message"))
        for trial in trials
        if trial.get("state") not in ("complete", "stopped")
    ]
    return [
        f"  trial {_index(trial, 'number')} "
        f"{wording.state_words(text(trial, 'state') or 'ended')}: {message}"
        for trial, message in told
        if message
    ]


def _objective(run: Event) -> tuple[str, str]:
    for name, direction in section(run, "objectives").items():
        return name, str(direction)
    return "val_accuracy", "max"


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
