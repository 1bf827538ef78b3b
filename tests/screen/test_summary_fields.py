"""A run is called so that a command finds it, and a score told with its step."""

from __future__ import annotations

import pytest

from cnnsearch.screen.summary_fields import called, scored_step


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        (None, "night-1"),
        ("runs/night-1", "night-1"),
        ("/srv/runs/night-1", "/srv/runs/night-1"),
        ("/srv/my runs/night-1", "'/srv/my runs/night-1'"),
    ],
)
def test_a_run_outside_runs_is_called_by_its_folder(folder: str | None, words: str) -> None:
    assert called({"name": "night-1", "folder": folder}) == words


@pytest.mark.parametrize(
    ("looks", "step"),
    [({"60": 0.7, "140": 0.9, "180": 0.9, "420": 0.8}, 140), ({}, 420), ({"140": None}, 420)],
)
def test_a_trial_had_its_score_at_the_first_look_that_reached_it(
    looks: dict[str, float | None], step: int
) -> None:
    assert scored_step({"value": 0.9, "steps": 420, "looks": looks}) == step
