"""The shipped jobs: their commands exist, stop in time and hand their runs on."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from cnnsearch.main import COMMANDS, make_app
from cnnsearch.space import load_space
from cnnsearch.space.quantities import parse_duration

ROOT = Path(__file__).parents[1]
NIGHTLY = ROOT / ".github/workflows/nightly-search.yml"
GITLAB = re.compile(r"^```yaml gitlab\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def nightly() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(NIGHTLY.read_text(encoding="utf-8"))["jobs"]["search"]
    return found


def gitlab() -> dict[str, Any]:
    (text,) = GITLAB.findall((ROOT / "cli/README.md").read_text(encoding="utf-8"))
    found: dict[str, Any] = yaml.safe_load(text)["nightly-search"]
    return found


def scripts() -> Iterator[str]:
    yield from (step["run"] for step in nightly()["steps"] if "run" in step)
    yield from gitlab()["script"]


def invocations() -> list[tuple[str, ...]]:
    """Return the arguments of each `cnnsearch` that a shipped job starts."""
    found = []
    for script in scripts():
        for line in script.replace("\\\n", " ").splitlines():
            words = shlex.split(line)
            if "cnnsearch" in words:
                end = next((words.index(each) for each in (";", "||", "&") if each in words), None)
                found.append(tuple(words[words.index("cnnsearch") + 1 : end]))
    return found


def step(uses: str) -> dict[str, Any]:
    (found,) = (each for each in nightly()["steps"] if uses in each.get("uses", ""))
    return dict(found)


def test_there_are_jobs_for_both() -> None:
    assert len(invocations()) >= 4


@pytest.mark.parametrize("arguments", invocations())
def test_every_command_and_option_of_a_job_exists(arguments: tuple[str, ...]) -> None:
    commands = typer.main.get_command(make_app(*COMMANDS)).commands  # type: ignore[attr-defined]
    known = {option for parameter in commands[arguments[0]].params for option in parameter.opts}

    assert {word for word in arguments if word.startswith("--")} <= known


@pytest.mark.parametrize("arguments", [each for each in invocations() if each[0] == "run"])
def test_what_a_job_sets_is_valid_and_judged(arguments: tuple[str, ...]) -> None:
    settings = [after for word, after in pairwise(arguments) if word == "--set"]

    assert load_space(arguments[1], settings).gate.limits()
    assert "--ci" in arguments


@pytest.mark.parametrize("arguments", invocations())
def test_the_baseline_follows_what_is_better_and_not_each_night(arguments: tuple[str, ...]) -> None:
    assert {"--baseline", "--update-baseline"} <= set(arguments)
    assert not any("cp " in script for script in scripts())


@pytest.mark.parametrize("arguments", [each for each in invocations() if each[0] == "run"])
def test_a_job_without_a_baseline_has_a_limit_too(arguments: tuple[str, ...]) -> None:
    settings = [after for word, after in pairwise(arguments) if word == "--set"]
    accuracy = load_space(arguments[1], settings).gate.test_accuracy

    assert accuracy is not None
    assert accuracy.bounds.keys() == {"min", "max_drop"}


def test_a_person_may_begin_with_a_new_baseline() -> None:
    (forget,) = (each for each in nightly()["steps"] if each.get("if") == "inputs.new_baseline")
    asked = yaml.safe_load(NIGHTLY.read_text(encoding="utf-8"))[True]["workflow_dispatch"]["inputs"]

    assert forget["run"] == "rm -rf baseline"
    assert "whatever comes of this search" in asked["new_baseline"]["description"]
    assert asked["new_baseline"]["default"] is False  # `on:` is read as a boolean key above


def test_the_job_has_more_time_than_its_search() -> None:
    (budget,) = {
        each[each.index("--budget") + 1]
        for each in invocations()
        if "--budget" in each and "nightly" in each
    }

    assert nightly()["timeout-minutes"] * 60 >= parse_duration(budget) + 600


def test_gitlabs_job_is_stopped_before_its_time_is_over() -> None:
    stopped_after = {
        word
        for script in gitlab()["script"]
        for before, word in pairwise(script.split())
        if before == "--kill-after=30s"
    }

    assert stopped_after == {"50m"}
    assert parse_duration("40m") < parse_duration("50m") < parse_duration(gitlab()["timeout"])


def search(folder: Path, program: str) -> subprocess.Popen[bytes]:
    """Start GitHub's step with a `cnnsearch` of its own, as GitHub does."""
    pretended = folder / "cnnsearch"
    pretended.write_text(f"#!/bin/bash\n{program}\n", encoding="utf-8")
    pretended.chmod(0o755)
    (script,) = (each["run"] for each in nightly()["steps"] if each.get("id") == "search")
    return subprocess.Popen(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": f"{folder}:{os.environ['PATH']}", "GITHUB_OUTPUT": str(folder / "output")},
    )


def wait_for(file: Path) -> None:
    while not file.exists():
        time.sleep(0.01)


@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize(("name", "code"), [("INT", 130), ("TERM", 143)])
def test_a_cancelled_search_hears_of_it_and_has_the_time_to_save(
    tmp_path: Path, name: str, code: int, left: bool
) -> None:
    if left:
        (tmp_path / "runs/nightly").mkdir(parents=True)
        (tmp_path / "runs/nightly/run.json").touch()
    saves = f"trap 'sleep 0.2; touch saved-$1; exit {code}' {name}"
    started = search(tmp_path, f"{saves}; touch begun; while :; do sleep 0.05; done")
    wait_for(tmp_path / "begun")

    started.send_signal(signal.Signals[f"SIG{name}"])

    assert started.wait() == code
    assert (tmp_path / f"saved-{'resume' if left else 'run'}").exists()
    assert (tmp_path / "output").read_text(encoding="utf-8") == f"code={code}\n"


def test_what_was_found_is_kept_however_the_job_ends() -> None:
    assert step("upload-artifact")["if"] == "always()"
    assert step("cache/save")["if"] == "always()"


def test_the_next_job_finds_what_this_one_saves() -> None:
    restored, saved = step("cache/restore")["with"], step("cache/save")["with"]

    assert restored["key"] == saved["key"]
    assert restored["path"] == saved["path"]
    assert saved["key"].startswith(restored["restore-keys"])
    assert "run_id" in saved["key"]  # a cache is never written twice under one key


def test_the_paths_that_are_kept_are_those_of_the_run() -> None:
    names = {each[each.index("--name") + 1] for each in invocations() if "--name" in each}

    assert names == {"nightly"}
    assert step("cache/save")["with"]["path"].split() == ["runs/nightly", "baseline"]
    assert gitlab()["cache"]["paths"] == ["runs/nightly", "baseline"]


ENDS = pytest.mark.parametrize(
    ("ends_with", "goes_on"),
    [
        *((code, False) for code in (0, 1, 2, 3, 4, 5)),
        *((code, True) for code in (75, 130, 137, 143)),
    ],
)


def is_left(run: Path) -> bool:
    return (run / "run.json").exists() and not (run / "summary.json").exists()


@ENDS
def test_githubs_next_job_goes_on_with_what_was_stopped_and_with_nothing_that_failed(
    tmp_path: Path, ends_with: int, goes_on: bool
) -> None:
    run, output = tmp_path / "runs/nightly", tmp_path / "output"
    found = "touch runs/nightly/summary.json; " if ends_with in (0, 3) else ""
    program = f"mkdir -p runs/nightly; touch runs/nightly/run.json; {found}exit {ends_with}"
    (leave,) = (each for each in nightly()["steps"] if each.get("if") == "failure()")

    done = search(tmp_path, program).wait()
    told = dict(line.split("=") for line in output.read_text(encoding="utf-8").splitlines())
    if done:
        subprocess.run(
            ["bash", "-ec", leave["run"]], cwd=tmp_path, env=os.environ | told, check=True
        )

    assert done == ends_with
    assert leave["env"] == {"code": "${{ steps.search.outputs.code }}"}
    assert is_left(run) == goes_on


def test_a_job_that_failed_before_its_search_leaves_the_run_of_the_last_one(
    tmp_path: Path,
) -> None:
    run = tmp_path / "runs/nightly"
    run.mkdir(parents=True)
    (run / "run.json").touch()
    (leave,) = (each for each in nightly()["steps"] if each.get("if") == "failure()")

    environment = os.environ | {"code": ""}  # of a step that did not run
    subprocess.run(["bash", "-ec", leave["run"]], cwd=tmp_path, env=environment, check=True)

    assert is_left(run)


@ENDS
def test_gitlabs_next_job_goes_on_with_what_was_stopped_and_with_nothing_that_failed(
    tmp_path: Path, ends_with: int, goes_on: bool
) -> None:
    run = tmp_path / "runs" / "nightly"
    found = "touch runs/nightly/summary.json; "
    pretended = (
        "timeout() { mkdir -p runs/nightly; touch runs/nightly/run.json; "
        f"{found if ends_with in (0, 3) else ''}return {ends_with}; }}\n"
    )
    script = "set -e\n" + pretended + "\n".join(gitlab()["script"])

    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, check=False)

    assert done.returncode == ends_with
    assert is_left(run) == goes_on
