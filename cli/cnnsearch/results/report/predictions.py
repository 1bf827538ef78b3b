"""What the winner predicted for the test split, which was read once: how it was wrong."""

from __future__ import annotations

from typing import Any

from cnnsearch.records.folder import RunFolder

NOT_TESTED = "The test split has not been read: that is done once, when a run finishes."
NOT_KEPT = (
    "The predictions for the test split are not there: test_predictions.npz was removed, or an "
    "earlier version did not keep it."
)


def read_evaluation(
    folder: RunFolder, labels: list[str], missing: dict[str, str], *, tested: bool
) -> dict[str, Any] | None:
    """Return what the predictions tell; where there are none, `missing` gets the reason.

    Args:
        folder: The run.
        labels: Names of the classes.
        missing: Where to tell of what is not there, by the part of the report.
        tested: Whether the test split was read.
    """
    from cnnsearch.records.test_split import read_if_sound
    from cnnsearch.results.evaluation import evaluate

    name = folder.test_predictions.name
    if not folder.test_predictions.exists():
        missing["evaluation"] = NOT_KEPT if tested else NOT_TESTED
        return None
    found = read_if_sound(folder)
    if found is None:
        missing["evaluation"] = f"{name} is damaged: put it back from a copy."
        return None
    if found.probabilities.shape[1] != len(labels):
        missing["evaluation"] = f"{name} has not as many classes as the run: it is another run's."
        return None
    return evaluate(found.probabilities, found.labels, labels).to_json()
