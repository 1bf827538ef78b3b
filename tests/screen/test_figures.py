"""The figures of a run tell its winner as it is, and how to go on."""

from __future__ import annotations

from typing import Any

import pytest
from tests.screen.conftest import unfinished

from cnnsearch.screen.figures import figures


def lines(summary: dict[str, Any]) -> list[str]:
    return [str(line) for line in figures(summary)]


def test_a_run_without_a_winner_says_so() -> None:
    begun: dict[str, Any] = {"run": {"name": "night-1"}, "winner": None, "test": None, "trials": []}

    assert lines(begun) == ["no winner yet: no trial has been scored"]


def test_a_run_killed_while_it_exported_tells_how_to_go_on(summary: dict[str, Any]) -> None:
    summary["run"]["state"] = "killed"

    assert "go on with: cnnsearch resume night-1" in lines(summary)


def test_a_run_elsewhere_is_resumed_by_its_folder(summary: dict[str, Any]) -> None:
    summary["run"]["folder"] = "/srv/my runs/night-1"

    found = lines(unfinished(summary, "stopped"))

    assert "go on with: cnnsearch resume '/srv/my runs/night-1'" in found


def test_there_is_nothing_to_resume_in_a_run_that_goes_on(summary: dict[str, Any]) -> None:
    assert not any("resume" in line for line in lines(unfinished(summary, "running")))


def test_why_the_search_ended_is_told(summary: dict[str, Any]) -> None:
    summary["ended_because"] = {"reason": "trials", "message": "all 7 trials were made"}

    assert "the search ended: all 7 trials were made" in lines(summary)


def test_a_winner_that_annealing_did_not_change_has_one_value(summary: dict[str, Any]) -> None:
    summary["winner"] |= {"value": 0.9, "annealed_steps": 0}

    words = "winner: trial 4, val_accuracy 0.9000 at step 140 in the search; 61.7k parameters"
    assert any(words in line for line in lines(summary))


def test_a_winner_that_got_better_after_its_last_look_says_where(summary: dict[str, Any]) -> None:
    summary["winner"] |= {"value": 0.91, "annealed_steps": 0}

    words = (
        "val_accuracy 0.9000 at step 140 in the search; exported with 0.9100 at step 2,160, "
        "after 2,020 more steps in the search; 61.7k"
    )
    assert any(words in line for line in lines(summary))


@pytest.mark.parametrize(("low", "warns"), [(0.09, True), (0.11, False)])
def test_a_network_that_may_have_learned_nothing_is_told_of(
    summary: dict[str, Any], low: float, warns: bool
) -> None:
    summary["run"]["dataset"]["classes"] = 10
    summary["test"]["low"] = low

    words = "that may be no better than guessing one of 10 classes: search for longer"
    assert (words in lines(summary)) is warns
