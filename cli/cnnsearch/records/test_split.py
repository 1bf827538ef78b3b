"""What the winner made of the test split, kept so that the split is read once."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnnsearch.errors import RunError
from cnnsearch.records.files import write_bytes
from cnnsearch.records.folder import RunFolder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class TestPredictions:
    """Probabilities `(images, classes)` and labels `(images,)`, in the order of the test split."""

    __test__ = False  # no test of pytest's

    probabilities: NDArray[np.float32]
    labels: NDArray[np.int64]

    @property
    def count(self) -> int:
        return len(self.labels)

    @property
    def correct(self) -> int:
        return int((self.probabilities.argmax(-1) == self.labels).sum())


def write_test_predictions(folder: RunFolder, predictions: TestPredictions) -> None:
    """Write the predictions in one step: after a crash they are whole or not there."""
    import numpy as np

    content = io.BytesIO()
    np.savez(content, probabilities=predictions.probabilities, labels=predictions.labels)
    write_bytes(folder.test_predictions, content.getvalue())


def read_test_predictions(folder: RunFolder) -> TestPredictions:
    """Return the predictions of a run that has read its test split.

    Raises:
        RunError: It has not, its program was too old to keep them, or the file is damaged.
    """
    path = folder.test_predictions
    if not path.exists() and folder.summary.exists():
        raise RunError(
            f"{folder.path} has no {path.name}: it was removed, or an earlier version tested the "
            "winner and kept no predictions; put it back from a copy, as the test split is read "
            "once"
        )
    if not path.exists():
        raise RunError(
            f"the run {folder.name} has not tested its winner yet; "
            f"`cnnsearch resume {folder.called}` goes on with a run that was stopped"
        )
    found = read_if_sound(folder)
    if found is None:
        raise RunError(f"{path} is damaged; put it back from a copy")
    return found


def read_if_sound(folder: RunFolder) -> TestPredictions | None:
    """Return the predictions if they are there and whole."""
    import zipfile

    import numpy as np

    try:
        content = io.BytesIO(folder.test_predictions.read_bytes())
        with np.load(content, allow_pickle=False) as arrays:
            found = TestPredictions(arrays["probabilities"], arrays["labels"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return found if _fits(found) else None


def _fits(found: TestPredictions) -> bool:
    """Tell whether each image has a label among the classes."""
    probabilities, labels = found.probabilities, found.labels
    if probabilities.dtype.kind != "f" or labels.dtype.kind != "i":
        return False
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1] or not len(labels):
        return False
    return bool(labels.min() >= 0 and labels.max() < probabilities.shape[1])
