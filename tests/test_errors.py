"""What is missing is told with the command that installs it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from cnnsearch import errors
from cnnsearch.errors import MissingExtraError


@pytest.mark.parametrize("is_clone", [True, False])
def test_an_extra_is_installed_from_the_clone_if_there_is_one(
    is_clone: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = tmp_path / "my clone"
    (clone / "cli/cnnsearch").mkdir(parents=True)
    if is_clone:
        (clone / "pyproject.toml").touch()
    monkeypatch.setattr(errors, "__file__", str(clone / "cli/cnnsearch/errors.py"))

    told = str(MissingExtraError("--mlflow needs it", "mlflow"))

    first, _, command = told.partition("\ninstall it with: ")
    place = ["-e", f"{clone}[mlflow]"] if is_clone else ["cnnsearch[mlflow]"]
    assert first == "--mlflow needs it"
    assert shlex.split(command) == [sys.executable, "-m", "pip", "install", *place]
