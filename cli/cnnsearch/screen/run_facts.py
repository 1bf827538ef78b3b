"""What is known of a run whatever it has found: its place, its data and its budget."""

from __future__ import annotations

from rich.console import RenderableType

from cnnsearch.screen import wording
from cnnsearch.screen.fields import Event, finite, moment, number, section, text, whole
from cnnsearch.screen.summary_fields import began_with
from cnnsearch.screen.view import describe_dataset
from cnnsearch.space.quantities import format_moment, plural

LABEL_WIDTH = 11


def run_facts(run: Event) -> list[RenderableType]:
    """Return a line for each fact that is known."""
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
        "began with": began_with(run),
        "started": format_moment(started) if started else None,
        "took": wording.duration(finite(run, "elapsed_s")),
        "budget": _budget(section(run, "budget")),
    }
    return [f"{name:<{LABEL_WIDTH}}{value}" for name, value in facts.items() if value]


def _budget(budget: Event) -> str:
    time_s, trials = finite(budget, "time_s"), whole(budget, "trials")
    parts = [wording.duration(time_s)] if time_s is not None else []
    parts += [plural(trials, "trial")] if trials is not None else []
    target, patience_s = number(budget, "target"), finite(budget, "patience_s")
    parts += [f"target {target:g}"] if target is not None else []
    parts += [f"{wording.duration(patience_s)} without a better score"] if patience_s else []
    return ", ".join(parts)
