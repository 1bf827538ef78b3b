"""`cnnsearch gate` and `--ci`: the verdict in the exit code, in the job's page and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.results.conftest import MakeRun, data, finish, make_run  # noqa: F401 (a fixture)

from cnnsearch.commands.carrying_out import carry_out
from cnnsearch.commands.gating import Job
from cnnsearch.errors import GateFailedError
from cnnsearch.main import COMMANDS, execute, make_app
from cnnsearch.records.folder import RunFolder
from cnnsearch.tracking.targets import Targets

GATE = "  test_accuracy: {min: 0.8, max_drop: 0.02}\n  macs: {level: warn, max: 1M}"


def gate(*arguments: str) -> int:
    return execute(make_app(*COMMANDS), ["gate", *arguments])


def right(correct: int) -> list[bool]:
    return [True] * correct + [False] * (200 - correct)


@pytest.fixture
def new(make_run: MakeRun) -> RunFolder:  # noqa: F811
    return finish(make_run("new", dataset=data()), right(170), gate=GATE)


@pytest.fixture
def old(make_run: MakeRun, new: RunFolder) -> RunFolder:  # noqa: F811
    return finish(make_run("old", dataset=data()), right(180), gate=GATE)


@pytest.fixture(autouse=True)
def step_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "step.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    return path


def test_a_run_within_its_limits_passes(
    new: RunFolder, step_summary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = gate(str(new.path))

    told = capsys.readouterr()
    assert code == 0
    assert told.out.startswith("new: the gate passed with warnings\n")
    assert told.err == "::warning title=cnnsearch gate::macs 2M is not at most 1M\n"
    assert step_summary.read_text(encoding="utf-8").startswith("## new: the gate passed")


def test_a_run_that_got_worse_fails_with_code_3(
    new: RunFolder, old: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    code = gate(str(new.path), "--baseline", str(old.summary))

    told = capsys.readouterr().err.splitlines()
    assert code == 3
    assert told[0].startswith(
        "::error title=cnnsearch gate::test_accuracy 0.8500 is not at most 2 points below the "
        "baseline's 0.9000; changed by -5.00 points"
    )
    assert told[-1] == "Error: new fails the gate: test_accuracy"


def test_a_baseline_of_the_same_name_is_told_apart_by_its_folder(
    new: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    best = tmp_path / "best"
    gate(str(new.path), "--baseline", str(best), "--update-baseline", "--allow-missing-baseline")
    capsys.readouterr()

    gate(str(new.path), "--baseline", str(best))

    assert f"The baseline is {best}/ (new, 2023-11-14 22:13 UTC)." in capsys.readouterr().out


def test_the_verdict_is_printed_as_json_alone(
    new: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    gate(str(new.path), "--json", "--set", "gate.test_accuracy.min=0.99")

    found = json.loads(capsys.readouterr().out)
    assert (found["version"], found["verdict"]) == (1, "failed")


def test_a_missing_baseline_is_an_error_unless_it_is_allowed(
    new: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = ("--baseline", str(tmp_path / "last/summary.json"))

    assert gate(str(new.path), *missing) == 2
    assert "--allow-missing-baseline" in capsys.readouterr().err
    assert gate(str(new.path), *missing, "--allow-missing-baseline") == 0
    assert capsys.readouterr().err.startswith("::notice title=cnnsearch gate::there is no baseline")


def test_a_damaged_baseline_is_an_error_even_where_it_may_be_missing(
    new: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "summary.json"
    cut.write_bytes(new.summary.read_bytes()[:100])

    assert gate(str(new.path), "--baseline", str(cut), "--allow-missing-baseline") == 2
    assert "is damaged" in capsys.readouterr().err


def test_what_passes_first_is_the_baseline_and_what_fails_is_none(
    new: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    best = tmp_path / "best"
    options = ("--baseline", str(best), "--allow-missing-baseline", "--update-baseline")

    assert gate(str(new.path), *options, "--set", "gate.test_accuracy.min=0.99") == 3
    assert not best.exists()
    assert gate(str(new.path), *options) == 0
    told = capsys.readouterr().err.splitlines()[-1]
    assert told == f"::notice title=cnnsearch gate::new is kept as the baseline in {best}"
    assert (best / "summary.json").read_bytes() == new.summary.read_bytes()


def test_a_baseline_that_cannot_be_written_is_a_warning_of_a_run_that_passed(
    new: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    best = tmp_path / "file" / "best"

    code = gate(
        str(new.path), "--baseline", str(best), "--allow-missing-baseline", "--update-baseline"
    )

    told = capsys.readouterr().err.splitlines()[-1]
    assert code == 0
    assert told.startswith("::warning title=cnnsearch gate::new is not kept as the baseline: ")
    assert f"{best} cannot be written" in told


def test_a_baseline_of_an_older_program_is_a_warning_where_it_may_be_missing(
    new: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outdated = tmp_path / "summary.json"
    outdated.write_text(new.summary.read_text().replace('"version": 1', '"version": 0', 1))
    options = ("--baseline", str(outdated))

    assert gate(str(new.path), *options) == 2
    assert "--allow-missing-baseline" in capsys.readouterr().err
    assert gate(str(new.path), *options, "--allow-missing-baseline") == 0
    assert capsys.readouterr().err.startswith(
        f"::warning title=cnnsearch gate::{outdated} has summary version 0; this program reads"
    )


@pytest.mark.parametrize(
    ("correct", "told"),
    [
        (180, "is better than the baseline, {}, and takes its place ({} 0.8500)"),
        (
            169,
            "is not clearly better than the baseline, {}, which stays ({} 0.8500)",
        ),
        (150, "is not kept as the baseline: it fails the gate"),
    ],
)
def test_a_job_says_on_its_page_too_what_became_of_the_baseline(
    new: RunFolder,
    step_summary: Path,
    make_run: MakeRun,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    correct: int,
    told: str,
) -> None:
    options = ("--baseline", str(tmp_path / "best"), "--update-baseline")
    gate(str(new.path), *options, "--allow-missing-baseline")
    night = finish(make_run("night", dataset=data()), right(correct), gate=GATE)

    gate(str(night.path), *options)

    begun = "2023-11-14 22:13 UTC"
    told = f"night {told}".format(
        f"{tmp_path}/best/ (new, {begun})", f"test_accuracy {correct / 200:.4f} against"
    )
    assert f"title=cnnsearch gate::{told}\n" in capsys.readouterr().err
    page = step_summary.read_text(encoding="utf-8").replace("\\", "")
    assert page.endswith(f"## The baseline\n\n{told}\n\n")


def test_a_job_says_that_nothing_was_compared_and_what_to_do(
    new: RunFolder,
    make_run: MakeRun,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    best = tmp_path / "best"
    options = ("--baseline", str(best), "--update-baseline")
    gate(str(new.path), *options, "--allow-missing-baseline")
    night = finish(make_run("night", dataset=data(name="others")), right(190), gate=GATE)

    assert gate(str(night.path), *options) == 0
    assert capsys.readouterr().err.splitlines()[-1] == (
        "::warning title=cnnsearch gate::night is not kept as the baseline: nothing was compared "
        "with the one of before, which stays (test_accuracy: the baseline is of other data "
        f"(bars)); to begin anew, remove {best}: on GitHub, start the workflow with "
        "`new_baseline`"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--set", "gate.macs.max=few"], "gate.macs.max"),
        (["--set", "training.epochs=3"], "only gate.* can be changed"),
        (["--set", "gate.macs.level=off", "--set", "gate.test_accuracy.level=off"], "no limits"),
        (["--allow-missing-baseline"], "--allow-missing-baseline is for --baseline"),
        (["--update-baseline"], "--update-baseline is for --baseline"),
    ],
)
def test_what_cannot_be_judged_is_wrong_usage(
    new: RunFolder, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gate(str(new.path), *arguments) == 2
    assert told in capsys.readouterr().err


def test_a_run_is_not_its_own_baseline(new: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate(str(new.path), "--baseline", str(new.path)) == 2
    assert "is the run itself" in capsys.readouterr().err


def test_an_unfinished_run_is_not_judged(
    make_run: MakeRun,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    begun = make_run("begun")

    assert gate(str(begun.path)) == 2
    assert f"go on with: cnnsearch resume {begun.path}" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "resume"])
@pytest.mark.parametrize("options", [["--baseline", "old"], ["--update-baseline"]])
def test_a_baseline_is_for_a_job(
    command: str, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = execute(make_app(*COMMANDS), [command, *options])

    assert code == 2
    assert f"{options[0]} is for --ci" in capsys.readouterr().err


def test_a_baseline_that_cannot_be_used_is_told_before_the_search(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--ci", "--baseline", "nothing", "--runs", str(tmp_path / "runs")]

    assert execute(make_app(*COMMANDS), ["run", *options]) == 2
    assert "there is no baseline 'nothing'" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


class NothingToDo:
    """Stands for a supervisor whose run is done already."""

    def __init__(self, *arguments: Any) -> None: ...

    def run(self) -> None: ...


def test_a_job_ends_with_the_verdict(
    new: RunFolder,
    old: RunFolder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("cnnsearch.tuning.supervisor.Supervisor", NothingToDo)
    job = Job.of(new.path.parent, True, "old", False, False)

    with pytest.raises(GateFailedError):
        carry_out(new, workers=1, as_json=True, targets=Targets(), job=job)

    printed = json.loads(capsys.readouterr().out)
    assert (printed["test"]["correct"], printed["gate"]["verdict"]) == (170, "failed")
