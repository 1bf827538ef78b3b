"""`cnnsearch export` says what is wrong before anything slow is loaded."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from cnnsearch.commands.exporting import write_export
from cnnsearch.errors import StoppedError, UsageError
from cnnsearch.main import COMMANDS, execute, make_app
from cnnsearch.records.folder import RunFolder, write_run_facts


def run(*arguments: str) -> int:
    return execute(make_app(*COMMANDS), ["export", *arguments])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    monkeypatch.chdir(tmp_path)
    folder = RunFolder(tmp_path / "runs" / "night")
    folder.path.mkdir(parents=True)
    write_run_facts(folder, "name: small\n", {})
    return folder


def test_an_unknown_format_is_told(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("night", "--format", "keras,tflight") == 2
    assert "no format `tflight`; did you mean `tflite`?" in capsys.readouterr().err


def test_an_unknown_run_is_told(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("nigth") == 2
    assert "did you mean `night`?" in capsys.readouterr().err


def test_a_damaged_run_is_told(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.run_file.write_text("{")

    assert run("night") == 2
    assert "run.json is damaged" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_told(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnnsearch.tuning.worker import exporting

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/srv/models")

    monkeypatch.setattr(exporting, "export_again", refuse)

    with pytest.raises(UsageError, match="/srv/models: the export cannot be written: Permission"):
        write_export(folder, trial=None, formats=[], out=Path("/srv/models"))


def test_a_full_disk_is_told_with_what_is_left(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnnsearch.tuning.worker import exporting

    def fill(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(exporting, "export_again", fill)

    with pytest.raises(StoppedError, match="an export of before is as it was"):
        write_export(folder, trial=None, formats=[], out=None)
