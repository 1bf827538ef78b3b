"""What every test may use: quiet libraries, no wall-clock limits, and `cnnsearch` as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# Read when TensorFlow is loaded, so before any test. One log level and one device everywhere.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

# On a shared machine an example may take any time, and no test asserts time.
settings.register_profile("cnnsearch", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("cnnsearch")

Cnnsearch = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own settings out of the tests."""
    for name in [name for name in os.environ if name.startswith("CNNSEARCH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CNNSEARCH_DEBUG", "0")  # set, so that what `--debug` sets is undone
    monkeypatch.setenv("COLUMNS", "100")


# Three classes that a network of a hundred weights can tell apart: a bright bar, in one of three
# places. `per: stage` and both blocks are there so that real code paths run.
TINY_SPACE = """
name: tiny
data: {source: tiny.npz, validation: 0.2}
architecture:
  stages:
    count: {min: 1, max: 2}
    block: {values: [conv, residual]}
    width: {values: [4, 8]}
    kernel_size: {values: [3, 5], per: stage}
    pooling: {values: [max, stride]}
  head: {pooling: average}
training:
  learning_rate: {min: 1e-3, max: 1e-1, log: true, prior: 1e-2}
  batch_size: 32
  epochs: 20
objectives: {val_accuracy: max}
search: {algorithm: evolution, pruning: asha, seed: 3}
budget: {trials: 5}
"""


def _write_tiny_space(folder: Path) -> Path:
    """Write the space and its dataset to `folder`, and return the space's path."""
    import numpy as np
    from numpy.typing import NDArray

    rng = np.random.default_rng(0)

    def split(count: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        labels = np.arange(count, dtype=np.int64) % 3
        images = rng.integers(0, 80, (count, 12, 12), dtype=np.uint8)
        for image, label in zip(images, labels, strict=True):
            image[4 * label : 4 * label + 4, 2:10] += 120
        return images, labels

    (x_train, y_train), (x_test, y_test) = split(600), split(150)
    np.savez(folder / "tiny.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    space = folder / "tiny.yaml"
    space.write_text(TINY_SPACE, encoding="utf-8")
    return space


@pytest.fixture(scope="session")
def write_tiny_space() -> Callable[[Path], Path]:
    """Return the function that writes a search space over a tiny dataset to a folder."""
    return _write_tiny_space


@pytest.fixture
def tiny_space(tmp_path: Path) -> Path:
    """Return a search space over a tiny dataset, both written to the test's folder."""
    return _write_tiny_space(tmp_path)


@pytest.fixture
def cnnsearch(tmp_path: Path) -> Cnnsearch:
    """Return a function that runs `cnnsearch ARGUMENTS`, in an empty folder if not told else."""

    def run(*arguments: str, cwd: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cnnsearch", *arguments]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)

    return run
