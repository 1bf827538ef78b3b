"""Trials are counted and worded in one way, whoever tells of them."""

from __future__ import annotations

from cnnsearch.records.tally import begun, ended, left, tally


def test_counts_name_only_what_happened() -> None:
    counts = {"complete": 3, "pruned": 8, "out_of_memory": 1, "error": 0}

    assert tally(counts, by_kind=False) == "12 trials: 3 complete, 8 pruned, 1 failed"
    assert tally(counts).endswith("1 failed (1 out of memory)")
    assert tally({}) == "0 trials"


def test_a_trial_that_waits_or_is_in_training_is_counted_too() -> None:
    counts = {"trials": 4, "complete": 2, "paused": 1, "running": 1}

    assert (begun(counts), ended(counts)) == (4, 2)
    assert tally(counts) == "4 trials: 2 complete, 1 paused, 1 running"
    assert tally(left(counts)) == "4 trials: 2 complete, 1 paused, 1 unfinished"


def test_trials_that_were_out_of_time_are_counted_apart_from_pruned_ones() -> None:
    counts = {"complete": 1, "pruned": 5, "stopped": 1, "running": 1}

    assert tally(counts) == "8 trials: 1 complete, 5 pruned, 1 cut short, 1 running"


def test_what_is_over_a_measured_limit_takes_no_trial_from_the_budget() -> None:
    counts = {"complete": 1, "over_limit": 2}

    assert (begun(counts), ended(counts)) == (3, 1)
