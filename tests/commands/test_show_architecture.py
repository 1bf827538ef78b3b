"""`cnnsearch show NAME --architecture`: the layers of a space's first guess or of a trial."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnnsearch.architecture import describe
from cnnsearch.main import COMMANDS, execute, make_app
from cnnsearch.records.folder import RunFolder, create_run_folder, write_run_facts
from cnnsearch.space import draw, first_guess, load_space


def run(*arguments: str) -> int:
    return execute(make_app(*COMMANDS), arguments)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run whose trial 3 is recorded, in the current folder."""
    monkeypatch.chdir(tmp_path)
    space = load_space("default")
    made = create_run_folder(Path("runs"), "night", space.name)
    write_run_facts(made, space.to_yaml(), {"name": "night"})
    made.trial(3).mkdir(parents=True)
    network = describe(draw(space, first_guess).architecture, (28, 28, 1), 10)
    (made.trial(3) / "architecture.json").write_text(json.dumps(network.to_json()))
    return made


def test_the_first_guess_of_a_space(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "reference/lenet-5", "--architecture", "--data", "fashion-mnist") == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "reference/lenet-5, first guess for 28x28x1, 10 classes"
    assert any(line.startswith("head.classes") for line in lines)


def test_a_space_from_a_file_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("name: own\nextends: vgg\n", encoding="utf-8")

    assert run("show", str(file), "--architecture", "--json") == 0

    found = json.loads(capsys.readouterr().out)
    assert found["training"]["batch_size"] >= 1
    assert found["rows"][-1]["output_shape"] == [10]


def test_the_layers_of_a_trial_and_their_drawing(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("show", "night", "--trial", "3", "--diagram", "net.svg") == 0

    assert capsys.readouterr().out.startswith("night, trial 3 for 28x28x1")
    assert Path("net.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_trial_that_is_not_there_is_told(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("show", "night", "--trial", "4") == 2

    assert "trial 4 has no such record" in capsys.readouterr().err


def test_a_name_that_is_neither_run_nor_space_is_told(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("show", "nigth", "--architecture") == 2

    assert "did you mean night?" in capsys.readouterr().err
