"""The front of a run: its trials, their values, and how much of what was seen it dominates."""

from __future__ import annotations

import pytest
from tests.results.conftest import MakeRun, add_event, add_trial

from cnnsearch.records.folder import RunFolder
from cnnsearch.records.trial import State
from cnnsearch.results.front import REFERENCE, Scale
from cnnsearch.results.summary import summarize

OBJECTIVES = {"val_accuracy": "max", "macs": "min"}


@pytest.fixture
def folder(make_run: MakeRun) -> RunFolder:
    """A run whose third trial dominates its second, with ends that are no part of the front."""
    folder = make_run(objectives=OBJECTIVES)
    add_event(folder, "worker_ready", 5, import_s=4.0, device="CPU")
    for number, (score, macs) in enumerate([(0.9, 10_000), (0.5, 1_000), (0.6, 1_000)]):
        add_trial(folder, "pruned", {60: score}, macs=macs)
        add_event(folder, "trial_ended", 10.0 * (number + 1), trial=number)
    add_trial(folder, "complete", {60: 0.8}, macs=10_000)
    add_trial(folder, "diverged", {60: 0.99}, macs=100)
    add_trial(folder, "over_limit", {}, macs=10)
    add_trial(folder, "running", {}, macs=500)
    return folder


def test_the_front_is_of_trials_that_no_other_dominates_best_score_first(
    folder: RunFolder,
) -> None:
    front = summarize(folder)["front"]

    assert front["trials"] == [
        {"trial": 0, "values": {"val_accuracy": 0.9, "macs": 10_000}},
        {"trial": 2, "values": {"val_accuracy": 0.6, "macs": 1_000}},
    ]


@pytest.mark.parametrize("state", ["paused", "running"])
def test_the_best_so_far_is_on_the_front_while_it_may_go_on(
    folder: RunFolder, state: State
) -> None:
    study = add_trial(folder, state, {60: 0.95}, macs=9_000)

    front = summarize(folder)["front"]

    best = study.best()
    assert best is not None
    assert [each["trial"] for each in front["trials"]] == [best.number, 2]
    assert front["hypervolume"][-1]["trial"] == best.number
    assert front["hypervolume"][-1]["elapsed_s"] is None


def test_the_hypervolume_is_told_with_its_scales_after_each_trial_that_raised_it(
    folder: RunFolder,
) -> None:
    front = summarize(folder)["front"]

    all_of_it, beyond = REFERENCE**2, REFERENCE - 1
    first, second, third = (each["hypervolume"] for each in front["hypervolume"])
    assert front["scales"] == {
        "val_accuracy": {"best": 0.9, "worst": 0.5, "log": False},
        "macs": {"best": 1_000, "worst": 10_000, "log": True},
    }
    assert [(each["trial"], each["elapsed_s"]) for each in front["hypervolume"]] == [
        (0, 10.0),
        (1, 20.0),
        (2, 30.0),
    ]
    assert first == pytest.approx(REFERENCE * beyond / all_of_it, abs=1e-6)
    assert second == pytest.approx((2 * REFERENCE * beyond - beyond**2) / all_of_it, abs=1e-6)
    assert third == pytest.approx(
        (REFERENCE * beyond + (REFERENCE - 0.75) * (REFERENCE - beyond)) / all_of_it, abs=1e-6
    )


def test_a_cost_is_placed_by_its_logarithm() -> None:
    scale = Scale(best=1_000, worst=1_000_000, is_log=True)

    assert scale.place(10_000) == pytest.approx(1 / 3)


def test_a_measured_latency_is_told_with_its_spread(make_run: MakeRun) -> None:
    folder = make_run(objectives={"val_loss": "min", "latency": "min"})
    measured = {"latency": {"median_ms": 2.5, "low_ms": 2.0, "high_ms": 4.0, "repeats": 60}}
    add_trial(folder, "complete", {60: 0.25}, measured=measured)

    summary = summarize(folder)

    assert summary["trials"][0]["measured"] == measured
    assert summary["front"]["trials"] == [
        {"trial": 0, "values": {"val_loss": 0.25, "latency": 2.5}}
    ]
    (only,) = summary["front"]["hypervolume"]
    assert only == {"trial": 0, "elapsed_s": None, "hypervolume": 1.0}


def test_before_any_trial_has_ended_the_front_is_empty(make_run: MakeRun) -> None:
    folder = make_run(objectives=OBJECTIVES)
    add_trial(folder, "over_limit", {}, message="latency 7 ms > 5 ms")

    summary = summarize(folder)

    assert summary["front"] == {"trials": [], "scales": {}, "hypervolume": []}
    assert summary["counts"] == {"trials": 1, "over_limit": 1}
