"""The figures of a run: how good its winner is, or the best trial so far."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from cnnsearch.results.ranking import best_first
from cnnsearch.screen import wording
from cnnsearch.screen.fields import Event, mappings, number, section, text, whole
from cnnsearch.screen.summary_fields import (
    Summary,
    after,
    called,
    index,
    latencies_ms,
    score_objective,
)


def figures(summary: Summary) -> list[RenderableType]:
    """Return how good the winner is, why the search ended and how a stopped run goes on."""
    winner = section(summary, "winner")
    ended = text(section(summary, "ended_because"), "message")
    return [
        *_accuracies(summary),
        *([_winner(winner, summary)] if winner else _best_so_far(summary)),
        *([f"the search ended: {ended}"] if ended else []),
        *_how_to_go_on(section(summary, "run")),
    ]


def _accuracies(summary: Summary) -> list[RenderableType]:
    test, validation = section(summary, "test"), section(summary, "validation")
    lines: list[RenderableType] = []
    if test:
        lines.append(Text(f"test accuracy {wording.accuracy(test)}", "bold green"))
        lines += _no_better_than_guessing(test, summary)
    if validation:
        lines.append(f"validation accuracy {wording.accuracy(validation)}")
    return lines


def _no_better_than_guessing(test: Event, summary: Summary) -> list[RenderableType]:
    """Warn of a network that may have learned nothing, however well it was exported."""
    low = number(test, "low")
    classes = whole(section(section(summary, "run"), "dataset"), "classes")
    if low is None or not classes or low > 1 / classes:
        return []
    words = f"that may be no better than guessing one of {classes} classes: search for longer"
    return [Text(words, "bold yellow")]


def _winner(winner: Event, summary: Summary) -> str:
    """Tell the winner's value in the search, and that of its exported state."""
    objective, _ = score_objective(section(summary, "run"))
    value, searched = number(winner, "value"), number(winner, "value_in_search")
    words = f"winner: trial {index(winner, 'trial')}, {objective} "
    words += wording.score(value if searched is None else searched)
    if (scored := whole(winner, "scored_step")) is not None:
        words += f" at step {scored:,}"
    words += " in the search"
    if whole(winner, "annealed_steps") or (value is not None and value != searched):
        step, later = index(winner, "steps"), after(winner, "steps")
        words += f"; exported with {wording.score(value)} at step {step}{later}"
    parent = whole(winner, "parent")
    if parent is not None:
        words += f"; it began with the weights of trial {parent}"
    costs = wording.costs(whole(winner, "parameters"), whole(winner, "macs"), latencies_ms(winner))
    return f"{words}; {costs}" if costs else words


def _best_so_far(summary: Summary) -> list[RenderableType]:
    """Tell the best trial of a run that has no winner yet."""
    run = section(summary, "run")
    objective, _ = score_objective(run)
    lines: list[RenderableType] = [
        f"no winner yet; best so far: trial {index(trial, 'number')}, "
        f"{objective} {wording.score(number(trial, 'value'))}"
        for trial in best_first(mappings(summary, "trials"), section(run, "objectives"))[:1]
    ]
    return lines or ["no winner yet: no trial has been scored"]


def _how_to_go_on(run: Event) -> list[RenderableType]:
    stopped = text(run, "state") in ("stopped", "killed")
    return [f"go on with: cnnsearch resume {called(run)}"] if stopped else []
