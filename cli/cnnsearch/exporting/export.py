"""Write a network in every format wanted, with labels, card and manifest, all or nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from cnnsearch.errors import CnnsearchError
from cnnsearch.exporting import proof
from cnnsearch.exporting.card import model_card
from cnnsearch.exporting.formats import FORMATS, FormatFile, format_files, refuse_missing_extras
from cnnsearch.exporting.lite import write_lite
from cnnsearch.exporting.manifest import MANIFEST, manifest, model_row
from cnnsearch.exporting.onnx_file import write_onnx
from cnnsearch.exporting.replacing import replacing
from cnnsearch.exporting.saved_model import write_saved_model
from cnnsearch.exporting.temporary import temporary_files_in
from cnnsearch.records.files import write_json

PROOF_IMAGES = 256
KILLED = -9  # SIGKILL, as `subprocess` reports it
CARD, LABELS = "model_card.md", "labels.txt"


@dataclass(frozen=True)
class Scored:
    """What int8 is scored on, and how well the trained network did there."""

    images: Any
    labels: Any  # class numbers
    split: str  # validation or test
    correct: int  # images that the trained network got right


@dataclass(frozen=True)
class Evidence:
    """The images that an export needs, all uint8 (images, height, width, channels)."""

    held_out: Any  # to compare predictions on
    training: Any  # int8 takes the ranges of its maps from these
    scored: Scored | None  # None where no int8 is wanted


def export_model(
    model: keras.Model,
    target: Path,
    *,
    formats: Sequence[str],
    classes: Sequence[str],
    evidence: Evidence,
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    """Write `model` in every format and prove each equal to it.

    Args:
        model: From uint8 images (batch, height, width, channels) to probabilities (batch, classes).
        target: Folder of the export; an older one there goes only when the new one is whole.
        formats: Some of `FORMATS`.
        classes: Names of the outputs, in order.
        evidence: Images to prove it with.
        facts: Where the network comes from: see `model_card`.

    Returns:
        The content of the manifest.

    Raises:
        CnnsearchError: A reloaded model predicts something else, or a format cannot hold it.
    """
    refuse_missing_extras(formats)
    files = format_files(formats)
    with replacing(target) as folder:
        with temporary_files_in(folder):
            for file in files:
                _write(model, folder / file.name, file, classes, evidence)
        labels = "".join(f"{label}\n" for label in classes)
        (folder / LABELS).write_text(labels, encoding="utf-8")
        figures = _prove(model, folder, files, evidence)
        _refuse_different(files, figures)
        own = evidence.scored
        scored = None if own is None else {"split": own.split, "correct": own.correct}
        rows = [model_row(file, folder / file.name, figures[file.name], scored) for file in files]
        card = model_card(facts, rows, shape=model.input_shape[1:], classes=classes)
        (folder / CARD).write_text(card, encoding="utf-8")
        content = manifest(
            folder, facts=facts, shape=model.input_shape[1:], classes=classes, models=rows
        )
        write_json(folder / MANIFEST, content)
    return content


def formats_there(target: Path) -> list[str]:
    """Return the formats that an older export at `target` holds."""
    known = format_files(FORMATS)
    return list(dict.fromkeys(file.format for file in known if (target / file.name).exists()))


def _write(
    model: keras.Model, path: Path, file: FormatFile, classes: Sequence[str], evidence: Evidence
) -> None:
    if file.format == "keras":
        model.save(path)
    elif file.format == "savedmodel":
        write_saved_model(model, path, classes)
    elif file.format == "onnx":
        write_onnx(model, path, classes)
    else:
        write_lite(model, path, file.precision, evidence.training)


def _prove(
    model: keras.Model, folder: Path, files: Iterable[FormatFile], evidence: Evidence
) -> dict[str, dict[str, Any]]:
    """Compare predictions in a fresh Python that knows nothing of this package."""
    images = np.asarray(evidence.held_out[:PROOF_IMAGES])
    with tf.device("CPU"):  # the fresh process predicts there too
        arrays: dict[str, Any] = {
            "images": images,
            "expected": np.asarray(model(images, training=False)),
        }
    if evidence.scored is not None:
        scored = evidence.scored
        arrays |= {"scored_images": np.asarray(scored.images), "scored_labels": scored.labels}
    sample = folder / "proof.npz"
    np.savez(sample, **arrays)
    paths = {file.name: str(folder / file.name) for file in files}
    command = [sys.executable, "-I", proof.__file__, str(sample), json.dumps(paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    sample.unlink()
    if done.returncode != 0:
        print(done.stderr, file=sys.stderr)  # the whole of it, for worker.log
        raise CnnsearchError(
            f"the exported model cannot be loaded again: {_last_words(done)}\n"
            "it was not kept, and an older export is as it was; `cnnsearch --debug export RUN` "
            "tries again and shows all that was said"
        )
    results: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return results


def _last_words(done: subprocess.CompletedProcess[str]) -> str:
    """Return how the process of the proof ended, and the last line that it said."""
    code = done.returncode
    end = f"its process was killed by signal {-code}" if code < 0 else f"exit code {code}"
    if code == KILLED:
        end += ", mostly for want of memory"
    said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return f"{said[-1]} ({end})" if said else end


def _refuse_different(
    files: Iterable[FormatFile], figures: Mapping[str, Mapping[str, Any]]
) -> None:
    for file in files:
        largest = figures[file.name]["largest_difference"]
        if not largest <= (1.0 if file.tolerance is None else file.tolerance):  # NaN is not
            allowed = "a number" if file.tolerance is None else f"at most {file.tolerance:g}"
            raise CnnsearchError(
                f"the exported {file.name} differs from the trained model by {largest:.2g} "
                f"({allowed} is allowed); it was not kept"
            )
