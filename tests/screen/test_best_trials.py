"""The table of the best trials is ordered as the run wants it, and true of each trial."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Group
from tests.screen.conftest import unfinished

from cnnsearch.screen.best_trials import best_trials


def test_the_least_loss_is_the_best_where_the_run_says_so(
    summary: dict[str, Any], render: Callable[..., str]
) -> None:
    summary["run"]["objectives"] = {"val_loss": "min"}

    out = render(Group(*best_trials(summary)))

    assert "val_loss" in out
    assert out.index("0.6000") < out.index("0.6200") < out.index("0.8000")


@pytest.mark.parametrize(
    ("run_state", "words"),
    [("running", "running"), ("killed", "unfinished"), ("finished", "unfinished")],
)
def test_a_trial_runs_only_while_its_run_does(
    summary: dict[str, Any], render: Callable[..., str], run_state: str, words: str
) -> None:
    for trial in summary["trials"][:3]:
        trial["state"] = "diverged"

    out = render(Group(*best_trials(unfinished(summary, run_state))))

    assert f"  {words}  stem.width=7" in out


def test_the_number_in_a_setting_of_a_stage_is_explained_once_where_there_is_one(
    summary: dict[str, Any], render: Callable[..., str]
) -> None:
    words = "(1.depth is that of stage 1, counted from 0)"

    assert words not in render(Group(*best_trials(summary)))

    for trial in summary["trials"]:
        trial["settings"]["architecture.stages.1.depth"] = trial["number"]
    assert render(Group(*best_trials(summary))).count(words) == 1


def test_the_best_trial_is_listed_while_it_waits_for_challengers(
    summary: dict[str, Any], render: Callable[..., str]
) -> None:
    summary["trials"][4]["state"] = "paused"
    summary["winner"] = None

    out = render(Group(*best_trials(summary)))

    assert out.index("0.9000") < out.index("paused") < out.index("0.8000")
