from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnsearch.commands.datasets import datasets
from cnnsearch.commands.runs import runs
from cnnsearch.main import execute, make_app


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in an empty folder, with a cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def _run(*arguments: str) -> int:
    return execute(make_app(datasets, runs), ["datasets", *arguments])


def _npz(folder: Path) -> str:
    labels = np.arange(40) % 2
    np.savez(folder / "mine.npz", x=np.zeros((40, 4, 4), np.uint8), y=labels)
    return str(folder / "mine.npz")


def test_the_shipped_datasets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run() == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["dataset", "images", "classes", "licence", "place"]
    assert any(line.startswith("fashion-mnist-mini  28x28 grey") for line in lines)


def test_the_list_is_json_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--json") == 0

    content = json.loads(capsys.readouterr().out)
    assert content["version"] == 1
    mini = next(entry for entry in content["datasets"] if entry["name"] == "fashion-mnist-mini")
    assert mini["shape"] == [28, 28, 1]
    assert mini["licence"] == "MIT"
    assert Path(mini["place"]).is_file()


def test_facts_are_printed_and_a_contact_sheet_is_written(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("fashion-mnist-mini") == 0

    output = capsys.readouterr()
    assert ["Ankle", "boot", "900", "100", "200"] in [
        line.split() for line in output.out.splitlines()
    ]
    assert "fashion-mnist-mini-contact-sheet.png" in output.err
    with Image.open(here / "fashion-mnist-mini-contact-sheet.png") as sheet:
        assert sheet.format == "PNG"


def test_facts_are_json_on_request(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(_npz(here), "--json", "--sheet", "sheet.png", "--image-size", "2") == 0

    content = json.loads(capsys.readouterr().out)
    assert content["version"] == 1
    assert content["dataset"]["shape"] == [2, 2, 1]
    assert content["dataset"]["contact_sheet"] == "sheet.png"
    assert (here / "sheet.png").is_file()


def test_a_sheet_that_was_asked_for_and_cannot_be_written_is_an_error(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(_npz(here), "--sheet", "no/such/folder.png") == 2

    assert "no/such/folder.png: cannot be written" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_costs_the_sheet_only(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = _npz(here)
    (here / "mine-contact-sheet.png").mkdir()

    assert _run(source) == 0

    output = capsys.readouterr()
    assert "No contact sheet" in output.err
    assert "mine" in output.out


def test_a_misspelt_name_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("fashion-mist") == 2

    assert "did you mean `fashion-mnist`?" in capsys.readouterr().err
