"""What the gate says, in words: a sentence a limit, and tables of all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cnnsearch.results.finished import Finished
from cnnsearch.results.gate import Check, Update, Verdict
from cnnsearch.screen import wording
from cnnsearch.screen.comparison_words import difference_words
from cnnsearch.screen.sheets import Sheet
from cnnsearch.space.quantities import format_count, format_latency, format_size

SHOWN = {"passed": "passed", "failed": "FAILED", "unknown": "not known", "skipped": "skipped"}
WORDS = {
    "passed": "the gate passed",
    "warned": "the gate passed with warnings",
    "failed": "the gate failed",
}


def verdict_title(verdict: Verdict) -> str:
    """Return the verdict in one line: `night: the gate passed`."""
    return f"{verdict.run}: {WORDS[verdict.verdict]}"


def verdict_sheets(verdict: Verdict, run: Finished) -> Iterator[Sheet]:
    """Yield the verdict limit by limit, and the figures of the run."""
    called = verdict.baseline_called or verdict.baseline
    against = f"The baseline is {called}." if called else "There is no baseline."
    header = ("figure", "limit", "run", "baseline", "if broken", "verdict", "why")
    remarks = (
        (against,) if verdict.checks else ("No limits are set; `gate:` in the space sets them.",)
    )
    yield Sheet(verdict_title(verdict), header, [_row(check) for check in verdict.checks], remarks)
    yield Sheet("The run", ("figure", ""), list(_figures(run)))


def sentence(check: Check) -> str:
    """Return what one broken limit is about: `test_accuracy 0.8800 is not at least 0.9000`."""
    if check.value is None or check.outcome == "unknown":
        return f"{check.figure} cannot be held against `{limit_words(check)}`: {check.reason}"
    value = f"{check.figure} {_amount(check, check.value)}"
    if check.limit in ("min", "max"):
        return f"{value} is not {limit_words(check)}"
    baseline = f"the baseline's {_amount(check, check.baseline)}"
    return f"{value} is not {limit_words(check, baseline)}{_evidence(check)}"


def limit_words(check: Check, baseline: str = "the baseline") -> str:
    """Return the limit as a person would say it: `at most 500k`."""
    if check.limit == "max_drop":
        return f"at most {100 * check.bound:.4g} points below {baseline}"
    if check.limit == "max_rise":
        return f"at most {100 * check.bound:.4g} % above {baseline}"
    return f"{'at least' if check.limit == 'min' else 'at most'} {_amount(check, check.bound)}"


def update_words(done: Update, run: str, folder: Path) -> str:
    """Return what became of the baseline in `folder`: `night is kept as the baseline in best`."""
    if done.hindrance is not None:
        return f"{run} is not kept as the baseline: {done.hindrance}"
    if done.before is None:
        return f"{run} is kept as the baseline in {folder}"
    figures = ", ".join(
        f"{check.figure} {_amount(check, check.value)} against {_amount(check, check.baseline)}"
        for check in done.compared
    )
    if done.is_kept:
        return f"{run} is better than the baseline, {done.before}, and takes its place ({figures})"
    return f"{run} is not clearly better than the baseline, {done.before}, which stays ({figures})"


def _row(check: Check) -> tuple[str, ...]:
    value, baseline = (_amount(check, each) for each in (check.value, check.baseline))
    why = check.reason or _evidence(check).removeprefix("; ")
    return (
        check.figure,
        limit_words(check),
        value,
        baseline,
        check.level,
        SHOWN[check.outcome],
        why,
    )


def _evidence(check: Check) -> str:
    found = check.difference
    if not found:
        return ""
    chance = f", p {found['chance']:.2g} (McNemar)" if found["chance"] is not None else ""
    return f"; changed by {difference_words(found)}{chance}"


def _amount(check: Check, value: float | None) -> str:
    if value is None:
        return wording.NOTHING
    if check.unit == "share":
        return wording.score(value)
    formats = {"count": format_count, "bytes": format_size, "us": format_latency}
    return formats[check.unit](value)


def _figures(run: Finished) -> Iterator[tuple[str, str]]:
    summary = run.summary
    for name, found in (
        ("test accuracy", summary.test),
        ("validation accuracy", summary.validation),
    ):
        if found:
            yield name, wording.accuracy(found.model_dump())
    if summary.winner:
        yield "winner", f"trial {summary.winner.trial}"
        yield "costs", wording.costs(summary.winner.parameters, summary.winner.macs)
    yield (
        "exports",
        ", ".join(f"{each.format} {wording.size(each.size_bytes)}" for each in summary.exports),
    )
    yield "trials", wording.whole_number(summary.counts.get("trials", 0))
    yield "time", wording.duration(summary.run.elapsed_s)
    yield "data", f"{summary.run.dataset.name}, {summary.run.dataset.test:,} test images"
    yield "space", summary.run.space
