"""How numbers, counts and states are worded, on the screen and in the results."""

from __future__ import annotations

import math
from pathlib import PurePath

from cnnsearch.records.trained_on import trained_on
from cnnsearch.screen.fields import Event, finite, number, text, whole
from cnnsearch.space.quantities import format_count, format_duration, format_latency, plural

NOTHING = "-"
WINNER = "winner"  # for the state of its trial: `pruned` would sound as if it was thrown away


def score(value: float | None) -> str:
    """Return an accuracy or a loss with four decimals."""
    return NOTHING if value is None else f"{value:.4f}" if abs(value) < 1e6 else f"{value:.3g}"


def count(value: int | None) -> str:
    """Return a large count in short: `61.7k`."""
    return NOTHING if value is None else format_count(value)


def whole_number(value: float | None) -> str:
    """Return a count in full: `2,000`."""
    return NOTHING if value is None else f"{value:,.0f}"


def duration(value_s: float | None) -> str:
    """Return a time in whole seconds: `1m 30s`."""
    return NOTHING if value_s is None else format_duration(math.floor(max(0.0, value_s)))


def size(value_bytes: float | None) -> str:
    """Return a file size in decimal units: `1.2 MB`."""
    if value_bytes is None:
        return NOTHING
    for unit, bytes_each in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value_bytes >= bytes_each:
            return f"{value_bytes / bytes_each:.1f} {unit}"
    return f"{value_bytes:.0f} bytes"


def costs(parameters: int | None, macs: int | None, latencies: Event | None = None) -> str:
    """Return what a network costs: `61.7k parameters, 2.1M MACs, latency 2.5 ms`."""
    known = ((parameters, "parameters"), (macs, "MACs"))
    parts = [f"{format_count(value)} {unit}" for value, unit in known if value is not None]
    parts += [
        f"{heading(name)} {latency(number(latencies or {}, name))}" for name in latencies or {}
    ]
    return ", ".join(parts)


def latency(value_ms: float | None) -> str:
    """Return a measured time in short: `2.5 ms`."""
    return NOTHING if value_ms is None else format_latency(1_000 * value_ms)


def heading(objective: str) -> str:
    """Return the name of an objective or a cost, as it stands over a column."""
    return "MACs" if objective == "macs" else objective


def accuracy(measured: Event) -> str:
    """Return an accuracy with its 95 % interval and the number of examples."""
    value = score(number(measured, "accuracy"))
    low, high = number(measured, "low"), number(measured, "high")
    examples = whole(measured, "count")
    parts = []
    if low is not None and high is not None:
        parts.append(f"95 % interval {score(low)} to {score(high)}")
    if examples is not None:
        parts.append(plural(examples, "example"))
    return f"{value} ({', '.join(parts)})" if parts else value


def short_accuracy(measured: Event) -> str:
    """Return an accuracy with its 95 % interval in short: `0.8965 (0.8824-0.9091)`."""
    value = score(number(measured, "accuracy"))
    low, high = number(measured, "low"), number(measured, "high")
    return value if low is None or high is None else f"{value} ({score(low)}-{score(high)})"


def export(exported: Event, folder: str | None = None) -> str:
    """Return one line about an exported file, its path within the run's `folder` made whole."""
    words = f"exported {text(exported, 'format') or 'a model'}"
    precision = text(exported, "precision")
    words += f" in {precision}" if precision and precision != "float32" else ""
    path, size_bytes = text(exported, "path"), finite(exported, "size_bytes")
    difference = finite(exported, "largest_difference")
    facts = [size(size_bytes)] if size_bytes is not None else []
    facts += [_closeness(difference)] if difference is not None else []
    words += f" ({', '.join(facts)})" if facts else ""
    return f"{words}: {PurePath(folder or '', path)}" if path else words


def _closeness(difference: float) -> str:
    """Say how far the exported network's probabilities may lie from the trained one's."""
    if difference <= 0:
        return "equal to the trained network"
    digit = 10.0 ** math.floor(math.log10(difference))
    bound = math.ceil(round(difference / digit, 3)) * digit
    return f"within {bound:.1g} of the trained network"


def outside(count: int) -> str:
    """Return how many candidates were drawn that the constraints exclude."""
    return f"{plural(count, 'draw')} outside the limits"


_WHY_IT_STAYS = {
    True: "annealing made it no better",
    False: "after so long a training it is not annealed",
    None: "no time was left to finish it",
}


def finishing(winner: str, *, anneals: bool) -> str:
    """Say what happens to the winner after the search."""
    how = "learning rate goes down to zero" if anneals else "a look where the search left it"
    return f"finishing {winner}: {how}"


def finished(event: Event, objective: str, *, anneals: bool | None) -> str:
    """Say what became of the winner after the search, and of which step its exported state is.

    Args:
        event: That tells it.
        objective: Name of the score.
        anneals: False: it was trained too long for that; None: there was no time for it.
    """
    trial = whole(event, "trial")
    winner = "the winner" if trial is None else f"trial {trial}"
    value, before = number(event, "value"), number(event, "started_from")
    step = whole(event, "step")
    scored_step, steps = whole(event, "scored_step"), whole(event, "annealed_steps")
    later = trained_on(scored_step, step, steps)
    words = f"{winner} finished: {objective} {score(value)}"
    words += "" if step is None else f" at step {step:,}"
    words += f", after {later}" if later else ""
    at = "" if scored_step is None else f" at step {scored_step:,}"
    words += "" if before is None else f" (before: {score(before)}{at})"
    if steps != 0:
        return words
    if before in (None, value):
        return f"{winner} stays as it was scored: {_WHY_IT_STAYS[anneals]}"
    return f"{words}; {_WHY_IT_STAYS[anneals]}" if anneals else words


def in_training(run_state: str, step: int | None = None) -> str:
    """Return the state of a trial that has not ended: in training, or left when its run ended.

    With the `step` it had come to, it is told at length; in short, it runs or is unfinished.
    """
    if run_state == "running":
        return "running" if step is None else f"in training, at step {step:,}"
    ended = {"stopped": "was stopped", "killed": "was killed", "failed": "failed"}.get(run_state)
    if step is None or ended is None:
        return "unfinished"
    return f"in training when the run {ended}, at step {step:,}"


def percent(share: float) -> str:
    """Return a share as people say it: `89.9 %`."""
    return f"{100 * share:.1f} %"
