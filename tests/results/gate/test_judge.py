"""The gate: absolute limits are exact, a drop counts only where chance does not explain it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.results.conftest import MakeRun, data
from tests.results.gate.conftest import LATENCY, night, verdict

from cnnsearch.records.folder import RunFolder
from cnnsearch.results.gate import Check


def only(run: RunFolder, gate: str, baseline: RunFolder | None = None) -> Check:
    (check,) = verdict(run, gate, baseline).checks
    return check


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [
        ("test_accuracy: {min: 0.9}", "passed"),
        ("test_accuracy: {min: 0.901}", "failed"),
        ("val_accuracy: {min: 0.85}", "passed"),
        ("val_accuracy: {min: 0.86}", "failed"),
        ("parameters: {max: 61706}", "passed"),
        ("parameters: {max: 61705}", "failed"),
        ("macs: {max: 2M}", "passed"),
        ("macs: {max: 1.9M}", "failed"),
        ("latency: {max: 2ms}", "passed"),
        ("latency: {max: 1.9ms}", "failed"),
        ("export_size: {max: 1000B}", "passed"),
        ("export_size: {max: 999B}", "failed"),
        ("latency_batch64: {max: 1s}", "unknown"),
    ],
)
def test_an_absolute_limit_is_held_against_the_figure(
    make_run: MakeRun, limit: str, outcome: str
) -> None:
    run = night(make_run, "new", 180, measured=LATENCY)

    check = only(run, f"{{{limit}}}")

    assert check.outcome == outcome
    assert check.counts_as == ("passed" if outcome == "passed" else "error")


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("latency: {max: 5ms}", "a limit in the space's `gate:` has a search measure it"),
        ("latency_batch64: {max: 5ms}", "a limit in the space's `gate:` has a search measure it"),
        ("export_size: {max: 1MB}", "the run does not know it"),
    ],
)
def test_what_the_run_does_not_know_is_told_with_what_to_do(
    make_run: MakeRun, limit: str, reason: str
) -> None:
    run = night(make_run, "new", 180)
    content = json.loads(run.summary.read_text(encoding="utf-8"))
    run.summary.write_text(json.dumps({**content, "exports": []}), encoding="utf-8")

    found = only(run, f"{{{limit}}}")

    assert found.outcome == "unknown"
    assert str(found.reason).endswith(reason)


@pytest.mark.parametrize(
    ("level", "found"), [("off", "passed"), ("warn", "warned"), ("error", "failed")]
)
def test_the_level_decides_what_a_broken_limit_does(
    make_run: MakeRun, level: str, found: str
) -> None:
    run = night(make_run, "new", 100)

    assert verdict(run, f"{{test_accuracy: {{level: {level}, min: 0.9}}}}").verdict == found


@pytest.mark.parametrize(
    ("before", "now", "limit", "outcome"),
    [
        (180, 190, 0, "passed"),  # better
        (180, 177, 0.02, "passed"),  # less than the limit
        (180, 176, 0.02, "passed"),  # just the limit, whatever rounding makes of it
        (180, 175, 0.02, "passed"),  # more, but five images may fall so by chance: p = 0.06
        (180, 174, 0.02, "failed"),  # six of six: p = 0.03
        (180, 174, 0.04, "passed"),  # no chance, and allowed
    ],
)
def test_a_drop_counts_where_it_is_too_large_and_no_chance(
    make_run: MakeRun, before: int, now: int, limit: float, outcome: str
) -> None:
    run, baseline = night(make_run, "new", now), night(make_run, "old", before)

    check = only(run, f"{{test_accuracy: {{max_drop: {limit}}}}}", baseline)

    assert (check.outcome, check.baseline) == (outcome, before / 200)
    assert check.difference is not None
    assert check.difference["test"] == "mcnemar"


def test_a_drop_that_chance_explains_says_so(make_run: MakeRun) -> None:
    run = night(make_run, "new", 170, keep=False)

    check = only(run, "{test_accuracy: {max_drop: 0.02}}", night(make_run, "old", 180))

    assert check.outcome == "passed"
    assert check.reason == "the drop is no more than chance explains"


def test_without_predictions_a_large_drop_fails_too(make_run: MakeRun) -> None:
    run = night(make_run, "new", 150, keep=False)

    check = only(run, "{test_accuracy: {max_drop: 0.02}}", night(make_run, "old", 180))

    assert check.outcome == "failed"
    assert check.difference is not None
    assert check.difference["test"] == "newcombe"


@pytest.mark.parametrize(("low_ms", "outcome"), [(2.0, "passed"), (2.2, "failed")])
def test_a_latency_has_risen_where_the_measurements_do_not_overlap(
    make_run: MakeRun, low_ms: float, outcome: str
) -> None:
    slow = {"latency": {"median_ms": 3.0, "low_ms": low_ms, "high_ms": 3.5}}
    run = night(make_run, "new", 180, measured=slow)

    check = only(run, "{latency: {max_rise: 10%}}", night(make_run, "old", 180, measured=LATENCY))

    assert check.outcome == outcome


@pytest.mark.parametrize(("macs", "outcome"), [(2_200_000, "passed"), (2_200_001, "failed")])
def test_a_count_may_rise_by_a_share(make_run: MakeRun, macs: int, outcome: str) -> None:
    run = night(make_run, "new", 180, macs=macs)

    assert only(run, "{macs: {max_rise: 10%}}", night(make_run, "old", 180)).outcome == outcome


def test_a_count_that_rises_by_just_the_share_passes_whatever_rounding_makes_of_it(
    make_run: MakeRun,
) -> None:
    run, baseline = night(make_run, "new", 180, macs=115), night(make_run, "old", 180, macs=100)

    assert 100 * 1.15 < 115
    assert only(run, "{macs: {max_rise: 15%}}", baseline).outcome == "passed"


def test_without_a_baseline_only_absolute_limits_are_judged(make_run: MakeRun) -> None:
    run = night(make_run, "new", 180)

    found = verdict(run, "{test_accuracy: {min: 0.5, max_drop: 0.0}, macs: {max_rise: 0}}")

    assert [check.outcome for check in found.checks] == ["passed", "skipped", "skipped"]
    assert found.verdict == "passed"


@pytest.mark.parametrize("limit", ["test_accuracy: {max_drop: 0.0}", "latency: {max_rise: 0}"])
def test_what_does_not_compare_warns(make_run: MakeRun, limit: str, tmp_path: Path) -> None:
    run = night(make_run, "new", 100, measured=LATENCY)
    baseline = night(make_run, "old", 180, dataset=data(name="others"))

    found = verdict(run, f"{{{limit}}}", baseline)

    assert found.checks[0].outcome == "unknown"
    assert found.checks[0].reason is not None
    assert found.verdict == "warned"


def test_the_verdict_has_a_version_and_all_that_was_looked_at(make_run: MakeRun) -> None:
    told = verdict(night(make_run, "new", 100), "{test_accuracy: {min: 0.9}}").to_json()

    assert (told["version"], told["run"], told["baseline"]) == (1, "new", None)
    assert told["verdict"] == "failed"
    assert told["checks"][0]["counts_as"] == "error"
