"""What is known of a run is told with its zone and its units."""

from __future__ import annotations

from typing import Any

from cnnsearch.screen.run_facts import run_facts


def test_the_start_is_told_in_local_time_with_its_zone(
    summary: dict[str, Any], eastern_time: None
) -> None:
    assert "started    2026-01-05 12:11 UTC+02:00" in run_facts(summary["run"])


def test_what_the_search_learned_from_is_told_with_what_counts_less(
    summary: dict[str, Any],
) -> None:
    earlier = {"run": "night", "trials": 12, "warnings": ["night was scored on other data"]}
    summary["run"]["began_with"] = earlier

    line = "began with 12 trials of night; night was scored on other data"
    assert line in run_facts(summary["run"])


def test_the_budget_is_told_with_all_that_ends_a_search(summary: dict[str, Any]) -> None:
    summary["run"]["budget"] |= {"target": 0.95, "patience_s": 60.0}

    assert "budget     3m, target 0.95, 1m without a better score" in run_facts(summary["run"])
