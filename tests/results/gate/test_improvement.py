"""A run is better than its baseline where nothing is worse, and something is by no chance."""

from __future__ import annotations

import pytest
from tests.results.conftest import MakeRun, data
from tests.results.gate.conftest import LATENCY, finished, night, verdict

from cnnsearch.results.gate.improvement import is_improvement, why_not_compared

BOTH = "{test_accuracy: {max_drop: 0.02}, macs: {max_rise: 10%}}"
LATENCIES = "{latency: {max_rise: 10%}}"


def latency(low_ms: float, median_ms: float, high_ms: float) -> dict[str, dict[str, float]]:
    return {"latency": {"low_ms": low_ms, "median_ms": median_ms, "high_ms": high_ms}}


@pytest.mark.parametrize(
    ("correct", "macs", "better"),
    [
        (180, 2_000_000, False),  # the same
        (186, 2_000_000, True),  # six of six: p = 0.03
        (185, 2_000_000, False),  # five images may rise so by chance: p = 0.06
        (186, 2_000_001, False),  # dearer, however little
        (180, 1_999_999, True),  # cheaper; counts are exact
        (179, 1_000_000, False),  # less accurate, even if by chance
    ],
)
def test_nothing_may_be_worse(make_run: MakeRun, correct: int, macs: int, better: bool) -> None:
    run, baseline = night(make_run, "new", correct, macs=macs), night(make_run, "old", 180)

    checks = verdict(run, BOTH, baseline).checks

    assert is_improvement(finished(run), finished(baseline), checks) == better


@pytest.mark.parametrize(
    ("measured", "better"),
    [(latency(1.5, 1.7, 1.8), True), (latency(1.5, 1.7, 2.0), False), (latency(2, 2.01, 3), False)],
)
def test_a_latency_is_better_or_worse_where_the_measurements_do_not_overlap(
    make_run: MakeRun, measured: dict[str, dict[str, float]], better: bool
) -> None:
    run = night(make_run, "new", 180, measured=measured)
    baseline = night(make_run, "old", 180, measured=LATENCY)

    checks = verdict(run, LATENCIES, baseline).checks

    assert is_improvement(finished(run), finished(baseline), checks) == better


@pytest.mark.parametrize(
    ("measured", "better"), [(latency(1.9, 2.1, 2.3), True), (latency(2.5, 2.6, 2.7), False)]
)
def test_noise_in_a_latency_does_not_refuse_what_is_more_accurate(
    make_run: MakeRun, measured: dict[str, dict[str, float]], better: bool
) -> None:
    gate = "{test_accuracy: {max_drop: 0.02}, latency: {max_rise: 50%}}"
    run = night(make_run, "new", 195, measured=measured)
    baseline = night(make_run, "old", 180, measured=LATENCY)

    checks = verdict(run, gate, baseline).checks

    assert is_improvement(finished(run), finished(baseline), checks) == better


@pytest.mark.parametrize(
    ("gate", "better"), [("{test_accuracy: {max_drop: 0}}", False), (BOTH, True)]
)
def test_what_cannot_be_compared_has_no_say(make_run: MakeRun, gate: str, better: bool) -> None:
    run = night(make_run, "new", 190, macs=1_000)
    baseline = night(make_run, "old", 180, dataset=data(name="others"))

    checks = verdict(run, gate, baseline).checks

    assert is_improvement(finished(run), finished(baseline), checks) == better


def test_absolute_limits_make_no_run_better(make_run: MakeRun) -> None:
    run, baseline = night(make_run, "new", 190), night(make_run, "old", 100)

    checks = verdict(run, "{test_accuracy: {min: 0.5}}", baseline).checks

    assert not is_improvement(finished(run), finished(baseline), checks)


@pytest.mark.parametrize(
    ("gate", "why"),
    [
        (BOTH, None),  # the MACs are compared
        ("{test_accuracy: {max_drop: 0}}", "test_accuracy: the baseline is of other data (others)"),
        ("{latency: {max_rise: 10%}}", "latency: the baseline does not know it"),
        ("{test_accuracy: {min: 0.5}}", "no limit has a `max_drop` or `max_rise`"),
    ],
)
def test_a_baseline_with_which_nothing_is_compared_is_told(
    make_run: MakeRun, gate: str, why: str | None
) -> None:
    run = night(make_run, "new", 190, measured=LATENCY)
    baseline = night(make_run, "old", 180, dataset=data(name="others"))

    assert why_not_compared(verdict(run, gate, baseline).checks) == why
