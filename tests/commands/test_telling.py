"""What ends a scheduled job before its verdict is on the job's page, whatever it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands.conftest import Call

from cnnsearch.commands.telling import tell_job
from cnnsearch.errors import (
    AllTrialsFailedError,
    CnnsearchError,
    GateFailedError,
    Problem,
    RunInProgressError,
    SpaceError,
    StoppedError,
)
from cnnsearch.space import load_space
from cnnsearch.tuning.start import start_run

REFUSED = {
    "bad YAML": ["bad.yaml"],
    "unknown data": ["--data", "nodata"],
    "name taken": ["--name", "taken"],
    "impossible limit": ["--set", 'constraints.parameters="<= 10"'],
    "missing baseline": ["--baseline", "best"],
    "unknown option": ["--bugdet", "3m"],
}


@pytest.fixture(autouse=True)
def step_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "step.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return path


@pytest.mark.parametrize(
    ("error", "kind", "outcome"),
    [
        (StoppedError("SIGINT", 130), "warning", "stopped, to go on in the next job"),
        (RunInProgressError("wait for it"), "warning", "the run is in progress elsewhere"),
        (AllTrialsFailedError("no trial has a score"), "error", "failed"),
    ],
)
def test_an_end_is_called_what_it_is(
    step_summary: Path,
    capsys: pytest.CaptureFixture[str],
    error: CnnsearchError,
    kind: str,
    outcome: str,
) -> None:
    tell_job("cnnsearch resume", error)

    assert capsys.readouterr().err == f"::{kind} title=cnnsearch resume::{error}\n"
    told = step_summary.read_text(encoding="utf-8")
    assert told.startswith(f"## cnnsearch resume: {outcome}\n\n{error}\n")


def test_a_fault_of_a_file_is_told_at_its_line_as_the_repository_has_it(
    step_summary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a,b.yaml"
    problems = [
        Problem(f"{file}:4:10", "search.sead", "unknown\nsetting"),
        Problem("--budget", "budget.time", "no time is left"),
    ]

    tell_job("cnnsearch run", SpaceError("a,b.yaml", problems))

    assert capsys.readouterr().err.splitlines() == [
        "::error title=cnnsearch run,file=a%2Cb.yaml,line=4,col=10::search.sead unknown%0Asetting",
        "::error title=cnnsearch run::--budget budget.time no time is left",
    ]
    told = step_summary.read_text(encoding="utf-8")
    assert "| --budget | budget\\.time | no time is left |" in told
    assert "is not a valid search space" in told


def test_the_lines_of_a_message_stay_apart(step_summary: Path) -> None:
    tell_job("cnnsearch run", CnnsearchError("the disk is full\nfree some space"))

    assert "\nthe disk is full\n\nfree some space\n" in step_summary.read_text(encoding="utf-8")


def test_a_gate_that_failed_has_told_of_it_already(
    step_summary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_job("cnnsearch gate", GateFailedError("new fails the gate"))

    assert (step_summary.exists(), capsys.readouterr().err) == (False, "")


def test_elsewhere_than_on_github_the_error_is_told_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS")

    tell_job("cnnsearch run", CnnsearchError("no"))

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_before_the_search_is_on_the_page(
    case: str, call: Call, step_summary: Path
) -> None:
    Path("bad.yaml").write_text("extends: default\nserach: {}\n", encoding="utf-8")
    Path("runs/taken").mkdir(parents=True)

    said = call("run", "--ci", *REFUSED[case])

    assert said.code in (2, 4)
    assert "::error title=cnnsearch run" in said.errors
    assert step_summary.read_text(encoding="utf-8").startswith("## cnnsearch run: failed\n")


def test_a_gate_that_cannot_judge_is_on_the_page(call: Call, step_summary: Path) -> None:
    said = call("--debug", "gate", "nothing")

    assert "::error title=cnnsearch gate::there is no run nothing" in said.errors
    assert step_summary.read_text(encoding="utf-8").startswith("## cnnsearch gate: failed\n")


@pytest.mark.parametrize("command", ["resume", "gate"])
def test_a_run_that_another_process_works_on_has_not_failed(
    command: str, call: Call, step_summary: Path, tmp_path: Path
) -> None:
    folder = start_run(load_space("default"), tmp_path / "runs", "night")

    with folder.lock():
        said = call(command, "night", *(["--ci"] if command == "resume" else []))

    assert said.code == 75
    assert f"::warning title=cnnsearch {command}::the run night is in progress" in said.errors
    told = step_summary.read_text(encoding="utf-8")
    assert told.startswith(f"## cnnsearch {command}: the run is in progress elsewhere\n")


def test_a_command_for_a_person_leaves_the_page_alone(call: Call, step_summary: Path) -> None:
    said = call("run", "nothing")

    assert said.code == 2
    assert "::error" not in said.errors
    assert not step_summary.exists()
