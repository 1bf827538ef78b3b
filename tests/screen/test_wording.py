"""Numbers and states are worded shortly and honestly."""

from __future__ import annotations

import pytest

from cnnsearch.screen import wording


def test_an_accuracy_has_its_interval_and_its_examples() -> None:
    measured = {"accuracy": 0.8965, "low": 0.8824, "high": 0.9091, "count": 2000}

    words = wording.accuracy(measured)

    assert words == "0.8965 (95 % interval 0.8824 to 0.9091, 2,000 examples)"


@pytest.mark.parametrize(
    ("run_state", "words"),
    [
        ("running", "in training, at step 1,200"),
        ("stopped", "in training when the run was stopped, at step 1,200"),
        ("killed", "in training when the run was killed, at step 1,200"),
        ("failed", "in training when the run failed, at step 1,200"),
        ("finished", "unfinished"),
    ],
)
def test_a_trial_in_training_is_told_with_where_it_was(run_state: str, words: str) -> None:
    assert wording.in_training(run_state, 1_200) == words


@pytest.mark.parametrize(
    ("run_state", "words"),
    [("running", "running"), ("killed", "unfinished"), ("finished", "unfinished")],
)
def test_in_short_a_trial_that_has_not_ended_runs_or_is_unfinished(
    run_state: str, words: str
) -> None:
    assert wording.in_training(run_state) == words


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (0.0, "equal to the trained network"),
        (1e-7, "within 1e-07 of the trained network"),
        (1.2e-7, "within 2e-07 of the trained network"),
        (9.5e-7, "within 1e-06 of the trained network"),
        (3e-7, "within 3e-07 of the trained network"),
    ],
)
def test_an_export_says_how_close_it_is(difference: float, words: str) -> None:
    exported = {"format": "keras", "path": "m.keras", "largest_difference": difference}

    assert wording.export(exported, "f") == f"exported keras ({words}): f/m.keras"


@pytest.mark.parametrize(
    ("size_bytes", "words"), [(999, "999 bytes"), (1_234_567, "1.2 MB"), (3e9, "3.0 GB")]
)
def test_sizes_have_the_fitting_unit(size_bytes: float, words: str) -> None:
    assert wording.size(size_bytes) == words
