"""`cnnsearch show`: the layers of a space's first guess or of a trial."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnnsearch.architecture import describe
from cnnsearch.main import COMMANDS, execute, make_app
from cnnsearch.records.folder import RunFolder, create_run_folder, write_run_facts
from cnnsearch.records.study import create_study, open_study
from cnnsearch.space import draw, first_guess, load_space


def run(*arguments: str) -> int:
    return execute(make_app(*COMMANDS), arguments)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run whose trial 0 is recorded, in the current folder."""
    monkeypatch.chdir(tmp_path)
    space = load_space("default", ["training.optimizer=sgd", "training.batch_size=128"])
    made = create_run_folder(Path("runs"), "night", space.name)
    write_run_facts(made, space.to_yaml(), {"name": "night"})
    guess = draw(space, first_guess)
    study = create_study(made.journal, {"val_accuracy": "max"})
    study.add_trial(guess.settings, guess.choices, parameters=1, macs=1)
    made.trial(0).mkdir(parents=True)
    network = describe(guess.architecture, (28, 28, 1), 10)
    (made.trial(0) / "architecture.json").write_text(json.dumps(network.to_json()))
    return made


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what a command that is refused says."""
    assert run(*arguments) == 2

    return capsys.readouterr().err.strip()


def test_the_first_guess_of_a_space(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "reference/lenet-5", "--architecture", "--data", "fashion-mnist") == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "lenet-5 for 28x28x1, 10 classes"
    assert any(line.startswith("head.classes") for line in lines)


def test_a_space_from_a_file_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("name: own\nextends: vgg\n", encoding="utf-8")

    assert run("show", str(file), "--architecture", "--json") == 0

    found = json.loads(capsys.readouterr().out)
    assert found["training"]["batch_size"] >= 1
    assert found["rows"][-1]["output_shape"] == [10]


def test_a_space_needs_no_further_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "default") == 0

    assert capsys.readouterr().out.startswith("default, first guess for 28x28x1")


def test_settings_of_a_space_are_overridden(capsys: pytest.CaptureFixture[str]) -> None:
    parameters = []
    for bias in ("auto", "always"):
        options = ["--architecture", "--set", f"architecture.bias={bias}", "--json"]
        assert run("show", "reference/resnet-50", *options) == 0
        parameters.append(json.loads(capsys.readouterr().out)["parameters"])

    assert parameters[1] - parameters[0] == 26_560  # channels of its 53 convolutions


def test_the_layers_of_a_trial_and_their_drawing(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("show", "night", "--trial", "0", "--diagram", "net.svg") == 0

    output = capsys.readouterr().out
    assert output.startswith("night, trial 0 for 28x28x1")
    assert "for a batch of 128 with sgd" in output
    assert Path("net.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_trial_that_had_to_halve_its_batch_is_shown_with_that(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    open_study(folder.journal, writing=True).note(0, batch_size=64)

    assert run("show", "night", "--trial", "0") == 0

    assert "for a batch of 64 with sgd" in capsys.readouterr().out


def test_layers_are_shown_where_the_training_is_not_known_any_more(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.space_file.write_text("architecture: {stages: [{width: 8}]}\nyet: unknown\n")

    assert run("show", "night", "--trial", "0", "--json") == 0

    assert json.loads(capsys.readouterr().out)["training"] is None


def test_a_trial_that_is_not_there_is_told(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refusal(capsys, "show", "night", "--trial", "4")

    assert told == "Error: there is no trial 4; the run has trial 0 only"


def test_a_trial_without_layers_on_record_is_told_with_their_file(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder.trial(0) / "architecture.json"
    file.unlink()

    told = refusal(capsys, "show", "night", "--trial", "0")

    assert told == f"Error: trial 0 of night has no layers on record: {file} cannot be read"


@pytest.mark.parametrize(
    ("name", "options", "near"),
    [
        ("nigth", [], "`night`?"),
        ("nigth", ["--architecture"], "`night`?"),
        ("defalt", [], "`default`?"),
        ("reference/resnet-51", ["--architecture"], "`reference/resnet-"),
        ("owm.yaml", [], "`own.yaml`?"),
        ("zzz", [], "`cnnsearch runs` and `cnnsearch spaces` list them"),
    ],
)
def test_a_name_that_is_neither_run_nor_space_is_told_with_what_is_near(
    folder: RunFolder,
    capsys: pytest.CaptureFixture[str],
    name: str,
    options: list[str],
    near: str,
) -> None:
    Path("own.yaml").write_text("extends: vgg\n", encoding="utf-8")

    told = refusal(capsys, "show", name, *options)

    assert told.startswith(f"Error: there is no run {name} in runs, and no search space of that")
    assert near in told


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["default", "--trial", "0"], "--trial is for runs, and default is a search space"),
        (["default", "--timing"], "--timing is for runs, and default is a search space"),
        (["night", "--data", "x"], "--data is for search spaces, and night is a run"),
        (["--set", "name=x"], "--set is for search spaces, and night is a run"),
        (["night", "--all"], "--all is for layers; add --architecture or --trial"),
        (["default", "--diagram", "x.png"], "x.png: drawings are SVG files"),
        (["--trial", "0", "--timing"], "--timing is for a run as a whole"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    folder: RunFolder, capsys: pytest.CaptureFixture[str], arguments: list[str], why: str
) -> None:
    assert why in refusal(capsys, "show", *arguments)


def test_a_run_called_as_a_space_is_the_run(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.path.rename(folder.path.with_name("default"))

    assert run("show", "default", "--trial", "0") == 0

    assert capsys.readouterr().out.startswith("default, trial 0")


def test_a_network_over_its_limits_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tight.yaml"
    file.write_text("extends: reference/lenet-5\nconstraints: {parameters: 5k, layers: '<= 9'}\n")

    assert run("show", str(file)) == 0
    assert "over the limits: parameters 61,706 > 5,000\n" in capsys.readouterr().out

    assert run("show", str(file), "--json") == 0
    limits = json.loads(capsys.readouterr().out)["limits"]
    assert [(limit["limit"], limit["holds"]) for limit in limits] == [
        ("parameters <= 5k", False),
        ("layers <= 9", True),
    ]


def test_the_settings_and_the_strides_left_out_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("show", "resnet", "--json") == 0

    found = json.loads(capsys.readouterr().out)
    assert found["settings"]["architecture.stages.count"] == 3
    assert found["left_out"] == [
        {"part": "stem", "kind": "stride", "given": 2, "left": 1},
        {"part": "stem", "kind": "pooling", "given": 2, "left": 1},
    ]


def test_the_settings_of_a_trial_are_told(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("show", "night", "--trial", "0", "--json") == 0

    settings = json.loads(capsys.readouterr().out)["settings"]
    assert settings == open_study(folder.journal).trials()[0].settings


def test_every_layer_of_a_long_network_is_shown_if_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = []
    for options in ([], ["--all"]):
        assert run("show", "reference/efficientnet-b0", *options) == 0
        lines.append(capsys.readouterr().out.splitlines())

    assert len(lines[0]) < 50 < 250 < len(lines[1])
