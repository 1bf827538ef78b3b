"""Write the winner as SavedModel and .keras, with its labels, all or nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from cnnsearch.errors import CnnsearchError
from cnnsearch.exporting import proof

FILES = {"savedmodel": "saved_model", "keras": "model.keras"}
PROOF_IMAGES = 256
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
    for name in formats:
        _write(model, partial / FILES[name], name)
    (partial / "labels.txt").write_text(
        "".join(f"{label}\n" for label in classes), encoding="utf-8"
    )
    differences = _prove(model, partial, formats, images[:PROOF_IMAGES])
    results = [
        {
            "format": name,
            "path": f"{target.name}/{FILES[name]}",
            "size_bytes": _size_bytes(partial / FILES[name]),
            **differences[name],
        }
        for name in formats
    ]
    _refuse_different(results)
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    return results


def _write(model: keras.Model, path: Path, name: str) -> None:
    if name == "keras":
        model.save(path)
        return
    height, width, channels = model.input_shape[1:]
    signature = [tf.TensorSpec((None, height, width, channels), tf.uint8, name="image")]
    model.export(path, format="tf_saved_model", input_signature=signature, verbose=False)


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
        raise CnnsearchError(
            f"the exported model cannot be loaded again: {done.stderr.strip()[-500:]}"
        )
    results: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return results


def _refuse_different(results: Sequence[dict[str, Any]]) -> None:
    for result in results:
        if not result["largest_difference"] <= TOLERANCE:
            raise CnnsearchError(
                f"the exported {result['format']} differs from the trained model by "
                f"{result['largest_difference']:.2g} (at most {TOLERANCE:g} is allowed); "
                "it was not kept"
            )


def _size_bytes(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
