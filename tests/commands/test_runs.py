"""`cnnsearch runs` lists what is there, and says where there is no folder to list."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnsearch.main import COMMANDS, execute, make_app


def runs(*arguments: str) -> int:
    return execute(make_app(*COMMANDS), ["runs", *arguments])


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ["nosuch", "runs"])
def test_a_folder_that_is_named_and_not_there_is_an_error(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert runs("--runs", name) == 2

    told = capsys.readouterr()
    assert (told.out, told.err.startswith(f"Error: there is no folder {name}")) == ("", True)


def test_the_usual_folder_need_not_be_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert runs() == 0

    assert capsys.readouterr().out == "no runs yet: `cnnsearch run` makes one\n"


def test_a_folder_without_runs_is_no_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert runs("--runs", str(tmp_path)) == 0

    assert capsys.readouterr().out == "no runs yet: `cnnsearch run` makes one\n"
