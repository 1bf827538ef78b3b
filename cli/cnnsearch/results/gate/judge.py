"""Holds a run against limits.

An absolute limit is compared with the figure itself. Against a baseline, an accuracy has dropped
if it is lower by more than `max_drop` *and* the difference is more than chance explains
(`results.difference`); a latency has risen if it is higher by more than `max_rise` and the ranges
of the two measurements do not overlap; counts and sizes are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cnnsearch.results.difference import Difference, accuracy_difference
from cnnsearch.results.finished import Finished
from cnnsearch.results.gate.figures import Figure, figure
from cnnsearch.space.constraints import LATENCIES
from cnnsearch.space.gate import GateSection, Level, Limit

VERDICT_VERSION = 1
Outcome = Literal["passed", "failed", "unknown", "skipped"]
ABSOLUTE = ("min", "max")
ROUNDING = 1e-9  # 0.92 - 0.915 is a little more than 0.005, and 100 * 1.15 a little less than 115


@dataclass(frozen=True)
class Check:
    """One limit and how a figure keeps to it.

    `value`, `baseline` and an absolute `bound` are in `unit`: "share", "count", "bytes" or "us".
    `reason` says why the outcome is not what the figures alone tell.
    """

    figure: str
    limit: str  # min, max, max_drop or max_rise
    bound: float
    unit: str
    level: Level
    outcome: Outcome
    value: float | None = None
    baseline: float | None = None
    reason: str | None = None
    difference: Mapping[str, Any] | None = None

    @property
    def counts_as(self) -> Literal["passed", "warn", "error"]:
        """Return what the check does to the verdict."""
        if self.outcome == "failed" or (self.outcome == "unknown" and self.limit in ABSOLUTE):
            return "error" if self.level == "error" else "warn"
        return "warn" if self.outcome == "unknown" else "passed"


@dataclass(frozen=True)
class Verdict:
    """What the gate says of a run."""

    run: str
    baseline: str | None
    checks: tuple[Check, ...]
    baseline_called: str | None = None  # with where it lies: its name may be the run's own

    @property
    def verdict(self) -> Literal["passed", "warned", "failed"]:
        """Return the worst of the checks."""
        found = {check.counts_as for check in self.checks}
        return "failed" if "error" in found else "warned" if "warn" in found else "passed"

    @property
    def broken(self) -> list[Check]:
        """Return the checks that warn or fail."""
        return [check for check in self.checks if check.counts_as != "passed"]

    @property
    def failed_figures(self) -> list[str]:
        """Return the names of the figures that fail the gate, each once."""
        return list(dict.fromkeys(each.figure for each in self.checks if each.counts_as == "error"))

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain values."""
        return {
            "version": VERDICT_VERSION,
            "run": self.run,
            "baseline": self.baseline,
            "verdict": self.verdict,
            "checks": [{**asdict(each), "counts_as": each.counts_as} for each in self.checks],
        }


def judge(run: Finished, gate: GateSection, baseline: Finished | None = None) -> Verdict:
    """Hold a run against every limit of `gate`, and against a baseline where there is one."""
    checks = tuple(
        _check(run, baseline, name, limit, key, bound)
        for name, limit in gate.limits().items()
        for key, bound in limit.bounds.items()
    )
    if baseline is None:
        return Verdict(run.name, None, checks)
    return Verdict(run.name, baseline.name, checks, baseline.called)


def _check(
    run: Finished, baseline: Finished | None, name: str, limit: Limit, key: str, bound: float
) -> Check:
    own = figure(run, name)
    other = None if baseline is None or key in ABSOLUTE else figure(baseline, name)
    facts: dict[str, Any] = {
        "value": own and own.value,
        "baseline": other and other.value,
        "outcome": "passed",
    }
    if own is None:
        facts |= {"outcome": "unknown", "reason": _unknown(name)}
    elif key in ABSOLUTE:
        facts["outcome"] = _passed(own.value >= bound if key == "min" else own.value <= bound)
    elif baseline is None:
        facts |= {"outcome": "skipped", "reason": "there is no baseline"}
    elif (reason := _incomparable(run, baseline, name, other)) is not None:
        facts |= {"outcome": "unknown", "reason": reason}
    elif key == "max_drop":
        facts |= _drop(bound, accuracy_difference(run, baseline, name))
    elif other is not None:
        facts |= _rise(own, other, bound)
    return Check(name, key, bound, limit.unit, limit.level, **facts)


def _unknown(name: str) -> str:
    """Return why the run has no such figure, and what is to be done about it."""
    if name in LATENCIES:
        return "it was not measured; a limit in the space's `gate:` has a search measure it"
    return "the run does not know it"


def _passed(kept: bool) -> Outcome:
    return "passed" if kept else "failed"


def _incomparable(run: Finished, baseline: Finished, name: str, other: Figure | None) -> str | None:
    """Return why a figure of two runs cannot be compared, if so."""
    if other is None:
        return "the baseline does not know it"
    mine, its = run.summary.run, baseline.summary.run
    if name in LATENCIES and mine.device != its.device:
        return f"the baseline was measured on {its.device}, the run on {mine.device}"
    if name.endswith("accuracy") and mine.dataset.name != its.dataset.name:
        return f"the baseline is of other data ({its.dataset.name})"
    return None


def _drop(bound: float, found: Difference | None) -> dict[str, Any]:
    assert found is not None  # both accuracies are known
    facts: dict[str, Any] = {"difference": found.to_json()}
    if -found.change <= bound + ROUNDING:
        return facts
    if found.may_be_chance:
        return {**facts, "reason": "the drop is no more than chance explains"}
    return {**facts, "outcome": "failed"}


def _rise(own: Figure, other: Figure, bound: float) -> dict[str, Any]:
    if own.value <= other.value * (1 + bound) * (1 + ROUNDING):
        return {}
    if own.low < other.high:
        return {"reason": "the two measurements overlap"}
    return {"outcome": "failed"}
