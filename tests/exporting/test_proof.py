"""The proof reads what serves, without this package."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from cnnsearch.exporting import proof


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """Images, and predictions that a model with an identity for weights makes of them."""
    images = np.eye(4, dtype=np.uint8).reshape(4, 2, 2, 1)
    np.savez(tmp_path / "sample.npz", images=images, expected=np.eye(4, dtype="float32"))
    return tmp_path / "sample.npz"


def save(path: Path, weights: np.ndarray) -> str:
    image = keras.Input((2, 2, 1), dtype="uint8", name="image")
    dense = keras.layers.Dense(4, use_bias=False)
    model = keras.Model(image, dense(keras.layers.Rescaling(1.0)(keras.layers.Flatten()(image))))
    dense.set_weights([weights.astype("float32")])
    model.save(path)
    return str(path)


def test_the_largest_difference_and_the_equal_labels_are_told(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    weights = np.eye(4)
    weights[0] = [0.25, 0.5, 0, 0]

    found = proof.main(str(sample), {"model.keras": save(tmp_path / "model.keras", weights)})

    assert found["model.keras"]["largest_difference"] == 0.75
    assert found["model.keras"]["equal_labels"] == 0.75
    assert found["model.keras"]["compared_images"] == 4


def test_an_equal_model_has_no_difference(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")

    found = proof.main(str(sample), {"model.keras": save(tmp_path / "model.keras", np.eye(4))})

    assert found["model.keras"]["largest_difference"] == 0.0
    assert found["model.keras"]["equal_labels"] == 1.0


def test_the_latency_is_the_median_of_many_calls() -> None:
    found = proof._latency_ms(lambda: None)

    assert 0 <= found["low"] <= found["median"] <= found["high"]
    assert found["repeats"] == proof.MOST_REPEATS


def test_the_gpu_that_the_training_may_hold_is_left_alone(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")

    proof.main(str(sample), {})

    assert os.environ["CUDA_VISIBLE_DEVICES"] == "-1"


def test_nothing_of_this_package_is_imported() -> None:
    tree = ast.parse(Path(proof.__file__).read_text(encoding="utf-8"))
    imported = {
        name.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
    } | {
        (node.module or "").partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }

    libraries = {"numpy", "keras", "tensorflow", "onnxruntime"}
    assert imported - set(sys.stdlib_module_names) - {"__future__"} == libraries


def test_run_as_a_script_it_prints_one_line_of_json(sample: Path) -> None:
    command = [sys.executable, "-I", proof.__file__, str(sample), "{}"]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == {}
