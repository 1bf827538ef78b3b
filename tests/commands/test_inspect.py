"""`cnnsearch inspect` and `cnnsearch spaces`, as they are called."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cnnsearch.architecture.inspection import DRAWS, inspect_space
from cnnsearch.architecture.network_facts import SHOWN
from cnnsearch.main import COMMANDS, execute, make_app
from cnnsearch.space import shipped_spaces

# What any network of use has: a layer of weights for ten classes that sees a few pixels.
LEAST = dict.fromkeys(SHOWN, 1) | {"parameters": 100, "macs": 1_000, "receptive_field": 3}
FEW_DRAWS = 200


def run(*arguments: str) -> int:
    return execute(make_app(*COMMANDS), arguments)


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    few = partial(inspect_space, draws=FEW_DRAWS)
    monkeypatch.setattr("cnnsearch.architecture.inspection.inspect_space", few)


def test_a_space_is_inspected_without_loading_tensorflow() -> None:
    program = (
        "import sys\n"
        "from cnnsearch.main import COMMANDS, execute, make_app\n"
        "assert execute(make_app(*COMMANDS), ['inspect', 'default', '--json']) == 0\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    process = [sys.executable, "-c", program]
    done = subprocess.run(process, capture_output=True, text=True, check=True)

    assert {"tensorflow", "keras", "numpy", "optuna"}.isdisjoint(done.stderr.split())
    check_inspection(json.loads(done.stdout), DRAWS)


@pytest.mark.parametrize("name", shipped_spaces())
def test_every_shipped_space_is_inspected(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("inspect", name, "--json") == 0

    check_inspection(json.loads(capsys.readouterr().out), FEW_DRAWS)


def check_inspection(found: dict[str, Any], draws: int) -> None:
    assert (found["version"], found["warnings"]) == (1, [])
    assert found["candidates"]["number"] >= 1
    complete = found["candidates"]["number"] if found["exhaustive"] else draws
    assert found["draws"] == complete or found["stopped_by_time"]
    assert found["first_guess"]["amounts"] is not None
    assert found["first_guess"]["misses"] == []
    assert found["smallest_last_map"] >= 1
    removed = found["draws"] - found["feasible"] - sum(found["impossible"].values())
    assert 0 <= removed <= sum(limit["removes"] for limit in found["limits"])
    assert found["feasible"] >= found["draws"] / 10  # else a search would mostly draw again
    assert found["distributions"].keys() == LEAST.keys()
    for name, distribution in found["distributions"].items():
        check_distribution(distribution, found["feasible"])
        assert distribution["min"] >= LEAST[name]


def check_distribution(found: dict[str, Any], amounts: int) -> None:
    bins, percentiles = found["histogram"], [*found["percentiles"].values()]

    assert sum(each["count"] for each in bins) == amounts
    assert (bins[0]["from"], bins[-1]["to"]) == (found["min"], found["max"])
    assert [found["min"], *percentiles, found["max"]] == sorted(
        [found["min"], *percentiles, found["max"]]
    )
    assert all(each["from"] <= each["to"] for each in bins)
    assert all(one["to"] < other["from"] for one, other in pairwise(bins))


def test_settings_and_data_are_overridden(capsys: pytest.CaptureFixture[str]) -> None:
    limit = 'constraints.parameters="<= 20k"'
    assert run("inspect", "--data", "fashion-mnist", "--set", limit) == 0

    out = capsys.readouterr().out
    assert "28x28 grey images of 10 classes" in out
    assert "parameters <= 20k removes" in out


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_space_with_nothing_within_the_limits_ends_with_its_own_code(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("inspect", "lenet", "--set", "constraints.parameters=500", *options) == 4

    output, errors = capsys.readouterr()
    assert errors.startswith("Error: nothing fits; nearest to each limit: parameters ")
    assert "loosen `constraints`" in errors
    if options:
        assert json.loads(output)["feasible"] == 0
    else:
        assert output.startswith("Nothing fits; nearest to each limit: parameters ")


def test_a_page_is_written_that_needs_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "space.html"

    assert run("inspect", "vgg", "--html", str(page)) == 0

    text = page.read_text(encoding="utf-8")
    assert "receptive field" in text
    assert "http" not in text
    assert str(page) in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("inspect", "vgg", "--html", str(tmp_path / "no" / "space.html")) == 2

    assert "cannot be written" in capsys.readouterr().err


def test_data_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("inspect", "--data", "fashion-mist") == 2

    assert "did you mean `fashion-mnist`" in capsys.readouterr().err


def test_every_shipped_space_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("spaces") == 0

    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line.split()[0] for line in lines] == list(shipped_spaces())


def test_every_shipped_space_says_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("spaces", "--json") == 0

    entries = json.loads(capsys.readouterr().out)["spaces"]
    for entry in entries:
        assert Path(entry["path"]).is_file()
        assert 20 <= len(entry["description"]) <= 200, entry["name"]


@pytest.mark.parametrize(
    "command", [["inspect", "--json"], ["show", "--architecture", "--json"], ["run"]]
)
def test_factors_that_do_not_double_the_cost_are_warned_of_on_stderr(
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    scaling = "{phi: {values: [0, 1]}, depth: 2, width: 2, resolution: 1}"
    limits = "constraints: {parameters: 1}"  # a run of it ends before it trains
    Path("s.yaml").write_text(
        f"architecture:\n  stages: [{{width: 8}}]\n  scaling: {scaling}\n{limits}\n"
    )

    run(command[0], "s.yaml", *command[1:])

    output, errors = capsys.readouterr()
    message = "each step of `phi` makes the network 8 times as expensive"
    assert f"Warning: s.yaml:3:3  architecture.scaling  {message}" in errors
    if command[0] == "inspect":
        (warning,) = json.loads(output)["warnings"]
        assert (warning["where"], warning["path"]) == ("s.yaml:3:3", "architecture.scaling")
        assert warning["message"].startswith(message)
