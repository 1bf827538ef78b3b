"""What several tables read from the summary of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from cnnsearch.records import folder
from cnnsearch.records.trained_on import trained_on
from cnnsearch.screen import wording
from cnnsearch.screen.fields import Event, finite, number, printable, section, text, whole
from cnnsearch.space.quantities import plural

Summary = Mapping[str, Any]


def score_objective(run: Event) -> tuple[str, str]:
    """Return the name of the score that a run is after, and whether `max` or `min` is best."""
    for name, direction in section(run, "objectives").items():
        return name, str(direction)
    return "val_accuracy", "max"


def latencies_ms(trial: Event) -> dict[str, float | None]:
    """Return the median of each measured latency."""
    measured = section(trial, "measured")
    return {name: number(section(measured, name), "median_ms") for name in measured}


def scored_step(trial: Event) -> int | None:
    """Return the step at which a trial had its value: of several the first."""
    value, looks = number(trial, "value"), section(trial, "looks")
    steps = (step for step in looks if number(looks, step) == value and step.isdecimal())
    return next(map(int, steps), whole(trial, "steps"))


def exported_later(summary: Summary) -> str | None:
    """Say where the winner was exported in a later state than its trial was scored in."""
    winner = section(summary, "winner")
    value, searched = number(winner, "value"), number(winner, "value_in_search")
    if value is None or value == searched:
        return None
    objective, _ = score_objective(section(summary, "run"))
    later = after(winner, "steps")
    return (
        f"trial {index(winner, 'trial')} was exported in a later state: {objective} "
        f"{wording.score(value)} at step {index(winner, 'steps')}{later}"
    )


def after(winner: Event, step: str) -> str:
    """Return what came between a winner's score and its exported state; `step` names its step."""
    steps = (whole(winner, name) for name in ("scored_step", step, "annealed_steps"))
    words = trained_on(*steps)
    return f", after {words}" if words else ""


def goes_on(summary: Summary) -> bool:
    """Tell whether somebody works on the run: otherwise no trial of it is running."""
    return text(section(summary, "run"), "state") == "running"


def called(run: Event) -> str:
    """Return how to name a run to a command."""
    return folder.called(PurePath(text(run, "folder") or text(run, "name") or ""))


def trials_of(earlier: Event) -> str:
    """Return what a search learned from: `12 trials of night`."""
    trials = plural(whole(earlier, "trials") or 0, "trial")
    return f"{trials} of {text(earlier, 'run') or 'another run'}"


def began_with(run: Event) -> str | None:
    """Return what a search learned from, and what of it counts less or not at all."""
    earlier = section(run, "began_with")
    warnings = earlier.get("warnings")
    told = map(printable, warnings if isinstance(warnings, list) else [])
    return "; ".join([trials_of(earlier), *told]) if earlier else None


def index(facts: Event, key: str) -> str:
    """Return the number of a trial as it is printed."""
    return wording.whole_number(finite(facts, key))
