"""What became of all candidates: trained, never trained or failed, and why."""

from __future__ import annotations

from rich.console import RenderableType

from cnnsearch.records.tally import begun, left, state_words, tally
from cnnsearch.screen import wording
from cnnsearch.screen.fields import finite, mappings, printable, section, text, whole
from cnnsearch.screen.summary_fields import Summary, goes_on, index
from cnnsearch.space.quantities import plural


def looked_at(summary: Summary) -> list[RenderableType]:
    """Say how many candidates there were: the best value of many is an optimistic one."""
    counts = _counts(summary)
    measured = counts.get("over_limit", 0)
    trained = begun(counts) - measured
    infeasible = whole(section(summary, "infeasible"), "count") or 0
    words = f"{plural(trained + measured + infeasible, 'candidate')} looked at: {trained:,} trained"
    words += f", {measured:,} over a measured limit (not trained)" if measured else ""
    words += f", {infeasible:,} outside the limits (never trained)" if infeasible else ""
    lines: list[RenderableType] = [words]
    lines += [tally(counts)] if trained + measured else []
    if trained > 1 and summary.get("test"):
        lines.append(
            f"the best validation value of {trained:,} is optimistic; the test value is not"
        )
    return lines


def why_not_trained(summary: Summary) -> list[RenderableType]:
    """Say what kept candidates from being trained, the most frequent reason first."""
    reasons = section(section(summary, "infeasible"), "reasons")
    counted = sorted(reasons, key=lambda reason: -(finite(reasons, reason) or 0))
    return [
        f"  {wording.whole_number(finite(reasons, reason))} never trained: {printable(reason)}"
        for reason in counted
    ]


def failures(summary: Summary) -> list[RenderableType]:
    """Say why trials did not come to their end."""
    told = [
        (trial, text(trial, "message"))
        for trial in mappings(summary, "trials")
        if trial.get("state") not in ("complete", "stopped")
    ]
    return [
        f"  trial {index(trial, 'number')} "
        f"{state_words(text(trial, 'state') or 'ended')}: {message}"
        for trial, message in told
        if message
    ]


def _counts(summary: Summary) -> dict[str, int]:
    counts = section(summary, "counts")
    known = {state: whole(counts, state) or 0 for state in counts}
    return known if goes_on(summary) else left(known)
