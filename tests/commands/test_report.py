"""`cnnsearch report`: writes the page, prints the short form, refuses what is no run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tests.results.searched import searched_run

from cnnsearch.main import COMMANDS, execute, make_app
from cnnsearch.records.folder import RunFolder
from cnnsearch.screen.pages import rendering


def run(*arguments: str) -> int:
    return execute(make_app(*COMMANDS), ["report", *arguments])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return searched_run(tmp_path_factory.mktemp("work") / "runs", trials=4)


@pytest.fixture(autouse=True)
def _here(finished: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(finished.path.parent.parent)
    monkeypatch.setattr(rendering, "vega_bundle", lambda: "window.vegaEmbed = null;")


def test_the_page_lies_in_the_run_and_its_path_is_printed(
    finished: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("night", "--no-pictures") == 0

    assert capsys.readouterr().out == "runs/night/report.html\n"
    assert (finished.path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_no_tensorflow_is_loaded_for_it(finished: RunFolder) -> None:
    before = set(sys.modules)

    assert run("night", "--no-pictures") == 0

    assert not {"tensorflow", "keras"} & (set(sys.modules) - before)


def test_it_is_written_elsewhere_and_told_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "own.html"

    assert run("--out", str(out), "--no-pictures", "--json") == 0

    told = json.loads(capsys.readouterr().out)
    assert told == {
        "version": 1,
        "path": str(out),
        "size_bytes": out.stat().st_size,
        "missing": {},
    }


def test_pictures_that_cannot_be_made_are_told_and_the_page_is_there(
    finished: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """The dataset of the run is not the one that its predictions are of."""
    assert run("night") == 0

    assert "Note: Without the test images there are no pictures" in capsys.readouterr().err
    assert "no pictures" in (finished.path / "report.html").read_text(encoding="utf-8")
    assert not (finished.path / "pictures").exists()


def test_the_short_form_is_printed_or_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("night", "--md") == 0
    printed = capsys.readouterr().out
    assert run("night", "--md", "--out", str(tmp_path / "short.md")) == 0

    assert printed.startswith("## cnnsearch: night\n")
    assert (tmp_path / "short.md").read_text(encoding="utf-8") == printed


@pytest.mark.parametrize("out", [".", "no-such-folder/report.html"])
def test_a_place_that_cannot_be_written_is_told(
    out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("night", "--no-pictures", "--out", out) == 2

    assert "--out" in capsys.readouterr().err


def test_what_is_no_run_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("nigth") == 2

    assert "did you mean `night`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("run.json", '{"version": 99}', "format version 99"),
        ("run.json", '{"version": 2}', "is damaged"),
        ("run.json", "{", "is damaged"),
        ("study.journal", '{"op_code": 99}\n', "is damaged"),
    ],
)
def test_a_damaged_run_or_one_of_another_version_is_told_in_words(
    tmp_path: Path, file: str, content: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = searched_run(tmp_path, trials=1, finished=False)
    (folder.path / file).write_text(content, encoding="utf-8")

    assert run(str(folder.path), "--no-pictures") == 2

    assert words in capsys.readouterr().err
