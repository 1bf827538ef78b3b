"""Write the winner as SavedModel and .keras, with its labels, all or nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from cnnsearch.errors import CnnsearchError
from cnnsearch.exporting import proof

FILES = {"savedmodel": "saved_model", "keras": "model.keras"}
PROOF_IMAGES = 256
Probabilities = dict[str, Any]  # a tensor by the name of the output: TensorFlow has no types
TOLERANCE = 1e-5  # largest difference of a probability between the trained and the reloaded model


def export_model(
    model: keras.Model, target: Path, *, formats: Sequence[str], classes: Sequence[str], images: Any
) -> list[dict[str, Any]]:
    """Write `model` in every format and prove each equal to it.

    Args:
        model: From uint8 images (batch, height, width, channels) to probabilities (batch, classes).
        target: Folder of the export; an older one there goes only when the new one is whole.
        formats: Keys of `FILES`.
        classes: Names of the outputs, in order.
        images: uint8 images to compare predictions on.

    Returns:
        For each format: format, path (from the target's parent), size_bytes, largest_difference
        and equal_labels.

    Raises:
        CnnsearchError: A reloaded model predicts something else.
    """
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        for name in formats:
            _write(model, partial / FILES[name], name)
        labels = "".join(f"{label}\n" for label in classes)
        (partial / "labels.txt").write_text(labels, encoding="utf-8")
        differences = _prove(model, partial, formats, images[:PROOF_IMAGES])
        _refuse_different(differences)
        sizes = {name: _size_bytes(partial / FILES[name]) for name in formats}
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)  # there only where something went wrong
    return [
        {
            "format": name,
            "path": f"{target.name}/{FILES[name]}",
            "size_bytes": sizes[name],
            **differences[name],
        }
        for name in formats
    ]


def _write(model: keras.Model, path: Path, name: str) -> None:
    if name == "keras":
        model.save(path)
        return
    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("serve", *endpoint(model))
    archive.write_out(path, verbose=False)


def endpoint(model: keras.Model) -> tuple[Callable[[tf.Tensor], Probabilities], list[Any]]:
    """Return the function that a SavedModel of `model` serves, and what it takes."""
    shape = (None, *model.input_shape[1:])

    def serve(image: tf.Tensor) -> Probabilities:
        """Refuse images of another shape in words: layers would take them, or end the process."""
        return {"probabilities": model(tf.ensure_shape(image, shape), training=False)}

    return serve, [tf.TensorSpec(shape, tf.uint8, name="image")]


def _prove(
    model: keras.Model, folder: Path, formats: Sequence[str], images: Any
) -> dict[str, dict[str, float]]:
    """Compare predictions in a fresh Python that knows nothing of this package."""
    with tf.device("CPU"):  # the fresh process predicts there too
        expected = np.asarray(model(images, training=False))
    sample = folder / "proof.npz"
    np.savez(sample, images=images, expected=expected)
    paths = {name: str(folder / FILES[name]) for name in formats}
    command = [sys.executable, "-I", proof.__file__, str(sample), json.dumps(paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    sample.unlink()
    if done.returncode != 0:
        print(done.stderr, file=sys.stderr)  # the whole of it, for worker.log
        reason = (done.stderr.splitlines() or [f"exit code {done.returncode}"])[-1]
        raise CnnsearchError(f"the exported model cannot be loaded again: {reason}")
    results: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return results


def _refuse_different(differences: Mapping[str, Mapping[str, float]]) -> None:
    for name, found in differences.items():
        largest = found["largest_difference"]
        if not largest <= TOLERANCE:  # NaN is not
            raise CnnsearchError(
                f"the exported {name} differs from the trained model by {largest:.2g} "
                f"(at most {TOLERANCE:g} is allowed); it was not kept"
            )


def _size_bytes(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
