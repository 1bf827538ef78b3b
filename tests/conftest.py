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


@pytest.fixture
def cnnsearch(tmp_path: Path) -> Cnnsearch:
    """Return a function that runs `cnnsearch ARGUMENTS`, in an empty folder if not told else."""

    def run(*arguments: str, cwd: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cnnsearch", *arguments]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)

    return run
