"""Predictions on the test split come back as they were, or are told to be missing or damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cnnsearch.errors import RunError
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.test_split import (
    TestPredictions,
    read_if_sound,
    read_test_predictions,
    write_test_predictions,
)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


@pytest.fixture
def predictions() -> TestPredictions:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], np.float32)
    return TestPredictions(probabilities, np.array([0, 1, 1]))


def test_they_come_back_as_they_were(folder: RunFolder, predictions: TestPredictions) -> None:
    write_test_predictions(folder, predictions)
    found = read_test_predictions(folder)

    np.testing.assert_array_equal(found.probabilities, predictions.probabilities)
    np.testing.assert_array_equal(found.labels, predictions.labels)
    assert (found.probabilities.dtype.str, found.labels.dtype.str) == ("<f4", "<i8")
    assert (found.correct, found.count) == (2, 3)


def test_a_run_that_has_not_come_so_far_is_told(folder: RunFolder) -> None:
    with pytest.raises(RunError, match="has not tested its winner yet; `cnnsearch resume"):
        read_test_predictions(folder)


def test_a_run_that_an_earlier_version_finished_is_told(folder: RunFolder) -> None:
    folder.summary.touch()

    with pytest.raises(RunError, match="it was removed, or an earlier version tested the winner"):
        read_test_predictions(folder)


@pytest.mark.parametrize("bytes_left", [0, 10, 300])
def test_a_cut_file_is_told_as_damaged(
    bytes_left: int, folder: RunFolder, predictions: TestPredictions
) -> None:
    write_test_predictions(folder, predictions)
    content = folder.test_predictions.read_bytes()
    folder.test_predictions.write_bytes(content[:bytes_left])

    with pytest.raises(RunError, match=r"test_predictions.npz is damaged"):
        read_test_predictions(folder)


@pytest.mark.parametrize("labels", [[0, 1], [0, 1, 2], [-1, 0, 0]])
def test_labels_that_do_not_fit_are_damage(
    labels: list[int], folder: RunFolder, predictions: TestPredictions
) -> None:
    write_test_predictions(folder, TestPredictions(predictions.probabilities, np.array(labels)))

    assert read_if_sound(folder) is None
