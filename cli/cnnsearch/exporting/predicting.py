"""What an exported model makes of image files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from cnnsearch.data.folders import printable
from cnnsearch.data.image_files import Found, Unreadable, decoded_batches
from cnnsearch.exporting.finding import ModelFile
from cnnsearch.exporting.opening import OpenModel, open_model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PREDICTIONS_VERSION = 1
Progress = Callable[[int, int], None]  # images done, images in all


def predict_files(file: ModelFile, images: Found, top: int, progress: Progress) -> dict[str, Any]:
    """Return the `top` labels of each image, and what is none, as plain values.

    Raises:
        ModelError: The model cannot be opened.
    """
    model = open_model(file)
    predictions: list[dict[str, Any]] = []
    unreadable: list[Unreadable] = []
    for batch in decoded_batches(images.paths, model.shape, model.batch_images):
        rows = model.predict(batch.pixels)
        predictions += [
            {"image": printable(str(path)), "top": _top(row, model.labels, top)}
            for path, row in zip(batch.paths, rows, strict=True)
        ]
        unreadable += batch.unreadable
        progress(len(predictions) + len(unreadable), len(images.paths))
    return {
        "version": PREDICTIONS_VERSION,
        "model": model_facts(model),
        "predictions": predictions,
        "unreadable": [
            {"image": printable(str(each.path)), "reason": printable(each.reason)}
            for each in (*images.missing, *unreadable)
        ],
    }


def model_facts(model: OpenModel) -> dict[str, Any]:
    """Return which model it is, as plain values."""
    file = model.file
    return {
        "path": printable(str(file.path)),
        "format": file.format,
        "run": file.run.name if file.run else None,
        "shape": list(model.shape),
        "classes": list(file.labels),
    }


def _top(row: NDArray[np.float32], labels: Sequence[str], top: int) -> list[dict[str, Any]]:
    """Return the most probable labels, of equals the first."""
    order = (-row).argsort(kind="stable")[:top]
    return [{"label": labels[index], "probability": float(row[index])} for index in order]
