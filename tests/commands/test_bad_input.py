"""Each kind of bad input gets its own message and exit code from `cnnsearch run`, in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnsearch.main import COMMANDS, execute, make_app

Prepare = Callable[[Path], list[str]]

DEEP = "a: " + "[" * 60 + "]" * 60
BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n"
    for old, new in zip("abcdef", "bcdefg", strict=True)
)


def _space(text: str) -> Prepare:
    def prepare(folder: Path) -> list[str]:
        (folder / "s.yaml").write_text(text, encoding="utf-8")
        return ["s.yaml"]

    return prepare


def _arguments(*arguments: str) -> Prepare:
    return lambda folder: list(arguments)


def _images(make: Callable[[Path], None]) -> Prepare:
    def prepare(folder: Path) -> list[str]:
        (folder / "photos").mkdir()
        make(folder / "photos")
        return ["--data", "photos"]

    return prepare


def _write_images(folder: Path, name: str, sizes: list[int]) -> None:
    (folder / name).mkdir()
    for index, size in enumerate(sizes):
        Image.new("L", (size, size), index * 20).save(folder / name / f"{index}.png")


def _two_classes(folder: Path) -> None:
    _write_images(folder, "cat", [16] * 6)
    _write_images(folder, "dog", [16] * 6)


def _truncate_one(folder: Path) -> None:
    _two_classes(folder)
    noise = np.random.default_rng(1).integers(0, 255, (64, 64), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "dog" / "cut.png")
    content = (folder / "dog" / "cut.png").read_bytes()
    (folder / "dog" / "cut.png").write_bytes(content[: len(content) // 2])


def _mixed(folder: Path) -> None:
    _write_images(folder, "cat", [16, 24, 16, 24])
    _write_images(folder, "dog", [16, 16, 16, 16])


def _wrong_labels(folder: Path) -> list[str]:
    images = np.zeros((9, 8, 8), np.uint8)
    np.savez(folder / "d.npz", x_train=images, y_train=np.arange(5), x_test=images, y_test=[0] * 9)
    return ["--data", "d.npz"]


def _runs_is_a_file(folder: Path) -> list[str]:
    (folder / "busy").write_text("not a folder", encoding="utf-8")
    return ["--runs", "busy"]


def _extends_loop(folder: Path) -> list[str]:
    (folder / "one.yaml").write_text("extends: two.yaml", encoding="utf-8")
    (folder / "two.yaml").write_text("extends: one.yaml", encoding="utf-8")
    return ["one.yaml"]


CASES: dict[str, tuple[Prepare, int, str]] = {
    "missing file": (_arguments("no.yaml"), 2, "no.yaml"),
    "misspelt space": (_arguments("defualt"), 2, "did you mean"),
    "unknown key": (
        _space("extends: default\narchitecture:\n  stagse: 1\n"),
        2,
        "s.yaml:3:3  architecture.stagse  unknown setting; did you mean `stages`?",
    ),
    "wrong type": (
        _space("extends: default\ntraining:\n  batch_size: many\n"),
        2,
        "s.yaml:3:15  training.batch_size  expected a whole number",
    ),
    "min above max": (
        _space("extends: default\narchitecture: {stages: {depth: {min: 4, max: 2}}}\n"),
        2,
        "max must be at least min (2 < 4)",
    ),
    "extends loop": (_extends_loop, 2, "one.yaml"),
    "yaml bomb": (_space(BOMB), 2, "20,000"),
    "deep yaml": (_space(DEEP), 2, "50"),
    "empty file": (_space(""), 2, "empty"),
    "empty folder": (_images(lambda folder: None), 2, "photos"),
    "one class only": (
        _images(lambda folder: _write_images(folder, "cat", [16] * 6)),
        2,
        "one class",
    ),
    "truncated image": (_images(_truncate_one), 2, "cut.png"),
    "mixed shapes": (_images(_mixed), 2, "--set data.image_size="),
    "labels that do not fit": (_wrong_labels, 2, "y_train"),
    "unknown dataset": (
        _arguments("--data", "fashion-mist"),
        2,
        "--data  data.source  no such dataset, file or folder; did you mean `fashion-mnist`?",
    ),
    "no budget": (_arguments("--budget", "0"), 2, "--budget  budget.time  no time is left"),
    "no duration": (
        _arguments("--budget", "banana"),
        2,
        "Error: the options do not fit the search space default\n  --budget  budget.time  expected",
    ),
    "no trials": (_arguments("--trials", "0"), 2, "--trials  budget.trials  no trial is left"),
    "no seed": (_arguments("--seed", "-1"), 2, "--seed  search.seed  must be at least 0"),
    "no source": (_arguments("--data", ""), 2, "--data  data.source  is empty"),
    "unwritable runs": (_runs_is_a_file, 2, "choose another with --runs"),
    "unusable name": (_arguments("--name", "../up"), 2, "is no name for a run"),
    "wrong override": (_arguments("--set", "architecture.widht=3"), 2, "architecture.widht"),
    "unknown option": (_arguments("--bugdet", "3m"), 2, "--bugdet"),
    "groups that never divide": (
        _space("extends: default\narchitecture: {stem: {width: 8}, stages: {groups: 3}}\n"),
        2,
        (
            "Error: s.yaml describes no network that fits images of 28x28x1\n"
            "  s.yaml:2:51  architecture.stages.groups  3 groups do not divide 8 channels"
        ),
    ),
    "pooling to nothing": (
        _arguments("vgg", "--set", "architecture.smallest_map=null"),
        2,
        "architecture.stages.4.pooling  stride 2 on a side of 1 pixel",
    ),
    "nothing feasible": (
        _arguments("--set", 'constraints.parameters="<= 10"'),
        4,
        "no candidate of default is within the limits",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_told_in_words(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare, code, words = CASES[case]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    arguments = prepare(tmp_path)

    found = execute(make_app(*COMMANDS), ["run", *arguments])

    output, errors = capsys.readouterr()
    assert words in errors
    assert (found, output) == (code, "")
    assert "Traceback" not in errors
    assert not list((tmp_path / "runs").glob("*/run.json"))


@pytest.mark.parametrize("command", ["run", "inspect", "show"])
def test_a_dataset_that_is_not_there_is_told_with_all_other_mistakes(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(
        "extends: default\ndata: {source: fashion-mist}\nsearch: {sead: 1}\n", encoding="utf-8"
    )
    options = ["--architecture"] if command == "show" else []

    found = execute(make_app(*COMMANDS), [command, "s.yaml", *options])

    _, errors = capsys.readouterr()
    assert found == 2
    first, second = errors.splitlines()[1:]
    assert first.startswith("  s.yaml:2:16  data.source  no such dataset, file or folder; did you")
    assert second == "  s.yaml:3:10  search.sead  unknown setting; did you mean `seed`?"


@pytest.mark.parametrize("command", [["run"], ["inspect"], ["inspect", "--json"], ["show"]])
def test_impossible_geometry_ends_every_command_that_meets_the_data(
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "[{width: 8, kernel_size: 9, padding: valid}, {width: 8, squeeze_ratio: 0.1}]"
    Path("s.yaml").write_text(f"architecture:\n  input: {{resolution: 8}}\n  stages: {rows}\n")
    options = ["--architecture"] if command == ["show"] else []

    found = execute(make_app(*COMMANDS), [*command, "s.yaml", *options])

    assert (found, *capsys.readouterr()) == (
        2,
        "",
        """\
Error: s.yaml describes no network that fits images of 28x28x1
  s.yaml:3:36  architecture.stages.0.kernel_size    window of 9 pixels on a map of 8x8 \
(stage0.block0.conv); use a smaller one, `padding: same`, or fewer strides and poolings before it
  s.yaml:3:82  architecture.stages.1.squeeze_ratio  attention squeezes to less than one channel \
(stage1.block0); use a larger share, or 0 for no attention
""",
    )


@pytest.mark.parametrize("command", ["resume", "show"])
def test_an_unknown_run_is_answered_with_the_closest(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "default-1"
    run.mkdir()
    (run / "run.json").write_text("{}", encoding="utf-8")

    found = execute(make_app(*COMMANDS), [command, "defualt-1", "--runs", str(tmp_path)])

    assert found == 2
    assert "did you mean `default-1`" in capsys.readouterr().err
