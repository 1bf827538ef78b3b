"""The list of what an export holds, with figures and checksums: `manifest.json`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cnnsearch import __version__
from cnnsearch.exporting.formats import FormatFile

MANIFEST = "manifest.json"
VERSION = 1
MOST_LOST = 0.01  # of the accuracy, that int8 may lose without a warning
LEAST_EQUAL = 0.99  # share of labels that float16 should keep


def manifest(
    folder: Path,
    *,
    facts: Mapping[str, Any],
    shape: Sequence[int],
    classes: Sequence[str],
    models: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return what is to be written about the files in `folder`.

    Args:
        folder: The whole export, but for the manifest.
        facts: Where the network comes from: `run`, `trial`, `is_winner`.
        shape: Of one image: height, width, channels.
        classes: Names of the outputs, in order.
        models: A row each model file: see `model_row`.
    """
    return {
        "version": VERSION,
        "made_by": f"cnnsearch {__version__}",
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        **{key: facts.get(key) for key in ("run", "trial", "is_winner")},
        "input": {"name": "image", "shape": list(shape), "type": "uint8", "range": [0, 255]},
        "output": {"name": "probabilities", "labels": list(classes)},
        "models": [dict(row) for row in models],
        "warnings": [text for row in models for text in _warnings(row)],
        "files": [_file(path, folder) for path in _files(folder)],
    }


def model_row(
    file: FormatFile, path: Path, figures: Mapping[str, Any], scored: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return one model's row: what it is, its size and what the proof found.

    Args:
        file: Which one.
        path: Where it lies now.
        figures: What the proof found out about it.
        scored: The `split` that int8 was scored on, and how many images the trained network got
            right there: `correct`.
    """
    row = {
        "format": file.format,
        "precision": file.precision,
        "path": file.name,
        "size_bytes": size_bytes(path),
        **{key: value for key, value in figures.items() if key not in ("correct", "count")},
    }
    if scored and "count" in figures:
        count, correct = figures["count"], figures["correct"]
        row["scored"] = {
            "split": scored["split"],
            "correct": correct,
            "count": count,
            "accuracy": correct / count,
            "trained_accuracy": scored["correct"] / count,
        }
    return row


def size_bytes(path: Path) -> int:
    """Return the size of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in (_files(path) if path.is_dir() else [path]))


def _warnings(row: Mapping[str, Any]) -> Iterator[str]:
    scored, path = row.get("scored"), row["path"]
    if scored and scored["trained_accuracy"] - scored["accuracy"] > MOST_LOST:
        lost = 100 * (scored["trained_accuracy"] - scored["accuracy"])
        yield f"{path} loses {lost:.1f} points of {scored['split']} accuracy"
    if row["precision"] == "float16" and row["equal_labels"] < LEAST_EQUAL:
        yield f"{path} gives another label to {1 - row['equal_labels']:.1%} of images"
    if row.get("plain_kernels"):
        yield (
            f"{path} needs an interpreter without XNNPACK, which refuses this network: in Python "
            "experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES"
        )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)


def _file(path: Path, folder: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "path": path.relative_to(folder).as_posix(),
        "size_bytes": path.stat().st_size,
        "sha256": digest,
    }
