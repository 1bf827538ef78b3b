"""A run is watched from another terminal: shown to its end, and never touched."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shlex import quote

import pytest
from tests.results.conftest import add_event, add_trial, make_run  # noqa: F401 (a fixture)

from cnnsearch.main import COMMANDS, execute, make_app
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import open_study
from cnnsearch.results.summary import write_summary

MakeRun = Callable[..., RunFolder]


def watch(folder: RunFolder, *options: str) -> int:
    return execute(make_app(*COMMANDS), ["watch", str(folder.path), *options])


def begin(folder: RunFolder) -> None:
    budget = {"time_s": 100.0, "trials": None, "reserve_s": 25.0}
    add_event(folder, "run_started", 0, run=folder.name, budget=budget)
    add_event(folder, "trial_started", 4, trial=0, parameters=61_706, settings={})
    add_trial(folder, "complete", {140: 0.8})
    add_event(folder, "trial_ended", 9, trial=0, state="complete", value=0.8, step=140)


@pytest.fixture
def finished(make_run: MakeRun) -> RunFolder:  # noqa: F811
    folder = make_run()
    begin(folder)
    add_event(folder, "phase", 60, phase="done")
    winner = {"trial": 0, "value": 0.8, "steps": 140, "annealed_steps": 0}
    open_study(folder.journal, writing=True).note_study(
        winner={**winner, "checkpoint": "scored.npz"}, tested={"correct": 81, "count": 100}
    )
    write_summary(folder)
    return folder


@pytest.fixture
def killed(make_run: MakeRun) -> RunFolder:  # noqa: F811
    folder = make_run()
    begin(folder)
    return folder


def test_a_run_that_has_ended_is_shown_once_with_its_result(
    finished: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    code = watch(finished)

    told = capsys.readouterr()
    assert code == 0
    assert "trial 0 complete at step 140: val_accuracy 0.8000" in told.err
    assert "more: cnnsearch show" in told.out


def test_json_is_a_line_an_event_and_nothing_else(
    finished: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    code = watch(finished, "--json")

    told = capsys.readouterr()
    events = [json.loads(line) for line in told.out.splitlines()]
    assert (code, told.err) == (0, "")
    assert [event["event"] for event in events] == [
        "run_started",
        "trial_started",
        "trial_ended",
        "phase",
    ]
    assert {event["version"] for event in events} == {1}


def test_json_has_no_number_that_other_programs_cannot_read(
    finished: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    add_event(finished, "warning", 61, loss=float("nan"))
    watch(finished, "--json")

    assert json.loads(capsys.readouterr().out.splitlines()[-1])["loss"] is None


def test_a_run_that_was_killed_is_told_with_what_to_do(
    killed: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    code = watch(killed)

    told = capsys.readouterr()
    assert (code, told.out) == (75, "")
    assert "was killed after 9s" in told.err
    assert f"cnnsearch resume {quote(str(killed.path))}" in told.err


def test_a_run_in_runs_is_resumed_by_its_name(
    killed: RunFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(killed.path.parents[1])

    execute(make_app(*COMMANDS), ["watch", "night"])

    assert "go on with: cnnsearch resume night\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("reason", "exit_code", "code", "words"),
    [
        ("SIGINT", 130, 75, "was stopped (SIGINT)"),
        ("the disk is full", 75, 75, "go on with: cnnsearch resume "),
        ("every trial diverged", 5, 5, "every trial diverged"),
        ("3 workers in a row died", 1, 1, "3 workers in a row died"),
    ],
)
def test_a_run_that_did_not_end_well_is_watched_to_the_same_end(
    killed: RunFolder,
    capsys: pytest.CaptureFixture[str],
    reason: str,
    exit_code: int,
    code: int,
    words: str,
) -> None:
    add_event(killed, "stopped", 30, reason=reason, exit_code=exit_code)

    assert watch(killed) == code
    assert words in capsys.readouterr().err


def test_a_run_that_has_not_begun_is_told_so(
    make_run: MakeRun,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("cnnsearch.records.following.BEGIN_PATIENCE_S", 0.0)

    assert watch(make_run()) == 75
    assert "has not begun" in capsys.readouterr().err


def test_a_run_that_does_not_exist_is_not_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert watch(RunFolder(tmp_path / "nothing")) == 2
    assert "there is no run" in capsys.readouterr().err


def test_a_run_of_another_version_is_told_before_anything_is_shown(
    finished: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    finished.run_file.write_text('{"version": 99}', encoding="utf-8")

    assert watch(finished) == 2
    assert "format version 99" in capsys.readouterr().err


@pytest.fixture
def heard_ctrl_c() -> Iterator[None]:
    """Let children hear SIGINT where the suite was started deaf to it, as by `nohup` or `&`."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard_ctrl_c")
def test_ctrl_c_ends_the_view_and_not_the_run(killed: RunFolder) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in killed.path.iterdir()}
    with killed.lock():
        command = [sys.executable, "-m", "cnnsearch", "watch", str(killed.path)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as watcher:
            assert watcher.stderr is not None
            assert "started" in watcher.stderr.readline()
            add_event(killed, "warning", 10, message="seen while it goes on")
            while "seen while it goes on" not in watcher.stderr.readline():
                assert watcher.poll() is None
            watcher.send_signal(signal.SIGINT)
            told = watcher.stderr.read()

    after = {path.name: path.stat().st_mtime_ns for path in killed.path.iterdir()}
    changed = {name for name in after if after[name] != before.get(name)}
    assert watcher.returncode == 130
    assert "the run night is left alone" in told
    assert "Traceback" not in told
    assert changed <= {"events.jsonl", ".lock", ".supervisor.lock"}  # ours: we played the run
