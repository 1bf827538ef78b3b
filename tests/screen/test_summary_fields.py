"""A run is called so that a command finds it."""

from __future__ import annotations

import pytest

from cnnsearch.screen.summary_fields import called


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
