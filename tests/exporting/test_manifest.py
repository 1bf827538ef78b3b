"""The manifest lists every file with its checksum, and warns of what became worse."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from cnnsearch.exporting.formats import format_files
from cnnsearch.exporting.manifest import manifest, model_row

FIGURES = {"largest_difference": 0.02, "equal_labels": 1.0, "latency_ms": {"median": 2.0}}
FLOAT, HALF, WHOLE = format_files(["tflite"])


def row(path: Path, **figures: Any) -> dict[str, Any]:
    scored = {"split": "test", "correct": 900}
    return model_row(WHOLE, path, {**FIGURES, **figures}, scored)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "saved_model" / "variables").mkdir(parents=True)
    (tmp_path / "saved_model" / "variables" / "data").write_bytes(b"weights")
    (tmp_path / "model-int8.tflite").write_bytes(b"12345")
    (tmp_path / "manifest.json").write_text("an older one")
    return tmp_path


def made(folder: Path, *models: dict[str, Any]) -> dict[str, Any]:
    facts = {"run": "night", "trial": 3, "is_winner": False, "summary": {}}
    return manifest(folder, facts=facts, shape=(8, 8, 1), classes=("a", "b"), models=models)


def test_every_file_but_the_manifest_has_its_checksum(folder: Path) -> None:
    found = made(folder)

    assert found["version"] == 1
    assert found["files"] == [
        {"path": path, "size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in (
            ("model-int8.tflite", b"12345"),
            ("saved_model/variables/data", b"weights"),
        )
    ]


def test_where_it_comes_from_and_what_it_takes_is_told(folder: Path) -> None:
    found = made(folder)

    assert (found["run"], found["trial"], found["is_winner"]) == ("night", 3, False)
    assert found["input"]["shape"] == [8, 8, 1]
    assert found["output"]["labels"] == ["a", "b"]
    assert "summary" not in found


def test_the_accuracy_of_int8_stands_beside_the_trained_networks(folder: Path) -> None:
    found = row(folder / "model-int8.tflite", correct=895, count=1000)

    assert found["size_bytes"] == 5
    assert found["scored"] == {
        "split": "test",
        "correct": 895,
        "count": 1000,
        "accuracy": 0.895,
        "trained_accuracy": 0.9,
    }
    assert made(folder, found)["warnings"] == []


def test_more_than_a_point_lost_is_a_warning(folder: Path) -> None:
    worse = row(folder / "model-int8.tflite", correct=885, count=1000)

    assert made(folder, worse)["warnings"] == [
        "model-int8.tflite loses 1.5 points of test accuracy"
    ]


def test_labels_that_float16_changes_are_a_warning(folder: Path) -> None:
    (folder / HALF.name).write_bytes(b"1")
    half = model_row(HALF, folder / HALF.name, {**FIGURES, "equal_labels": 0.9}, None)

    assert made(folder, half)["warnings"] == [
        "model-float16.tflite gives another label to 10.0% of images"
    ]


def test_what_runs_only_with_plain_kernels_is_a_warning(folder: Path) -> None:
    plain = row(folder / "model-int8.tflite", plain_kernels=True)

    (warning,) = made(folder, plain)["warnings"]
    assert "model-int8.tflite needs an interpreter without XNNPACK" in warning
