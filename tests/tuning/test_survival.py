"""What a kill or a signal may cost, shown with real processes."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.tuning.conftest import Runner

from cnnsearch.tuning.worker.checkpoint import LATEST

pytestmark = pytest.mark.slow
QUICK = ("--set", "training.epochs=2")


def _scores(trials: list[dict[str, Any]]) -> list[tuple[int, str, float]]:
    return [(trial["number"], trial["state"], trial["value"]) for trial in trials]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] != "Z"


@contextlib.contextmanager
def _stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _taken_up(runner: Runner, trial: int, *, by: int) -> dict[str, Any]:
    """Return the event of this worker beginning with this trial, once it is there."""
    starts = (runner.wait_for("trial_started", number) for number in itertools.count(1))
    return next(each for each in starts if (each["trial"], each["worker"]) == (trial, by))


def test_a_killed_worker_costs_at_most_its_trial(runner: Runner) -> None:
    run = runner.start("run", "tiny.yaml", "--name", "r")
    runner.wait_for("trial_ended")
    runner.wait_for("trial_started", 2)

    os.kill(runner.wait_for("worker_started")["pid"], signal.SIGKILL)
    code, output, errors = runner.end(run)

    assert code == 0, errors
    assert "test accuracy" in output
    trials = runner.trials()
    assert [trial["number"] for trial in trials] == [0, 1, 2, 3, 4]
    assert {trial["state"] for trial in trials} <= {"complete", "pruned"}
    assert runner.wait_for("worker_ended")["reason"] == "killed by signal 9"


def test_the_trial_of_a_killed_worker_is_taken_up_by_the_other_from_its_last_checkpoint(
    runner: Runner,
) -> None:
    run = runner.start("run", "tiny.yaml", "--name", "r", "--workers", "2")
    saved = runner.wait_for("saved")
    started = [runner.wait_for("worker_started", number) for number in (1, 2)]
    (pid,) = (each["pid"] for each in started if each["worker"] == saved["worker"])
    os.kill(pid, signal.SIGKILL)
    with _stopped(runner.wait_for("worker_started", 3)["pid"]):  # the one that comes after it
        again = _taken_up(runner, saved["trial"], by=1 - saved["worker"])
    code, _, errors = runner.end(run)

    assert code == 0, errors
    assert again["step"] >= saved["step"] > 0
    trials = runner.trials()
    assert [trial["number"] for trial in trials] == [0, 1, 2, 3, 4]
    assert {trial["state"] for trial in trials} <= {"complete", "pruned"}


def test_a_killed_supervisor_is_resumed_with_no_finished_trial_lost(runner: Runner) -> None:
    run = runner.start("run", "tiny.yaml", "--name", "r")
    runner.wait_for("trial_ended", 2)
    worker = runner.wait_for("worker_started")["pid"]
    run.kill()
    run.wait()
    while _is_alive(worker):  # hears the end of its supervisor, saves and stops
        time.sleep(0.05)
    before = [trial for trial in runner.trials() if trial["state"] != "running"]

    code, _, errors = runner.end(runner.start("resume", "r"))

    assert code == 0, errors
    after = runner.trials()
    assert len(before) >= 2
    assert after[: len(before)] == before
    assert len(after) == 5
    assert (runner.run.export / "saved_model" / "saved_model.pb").exists()


def test_an_interrupted_search_ends_as_one_that_was_not(runner: Runner) -> None:
    assert runner.end(runner.start("run", "tiny.yaml", "--name", "whole"))[0] == 0
    stopped = runner.start("run", "tiny.yaml", "--name", "r")
    runner.wait_for("trial_started", 3)
    stopped.send_signal(signal.SIGINT)
    code, _, errors = runner.end(stopped)
    resumed, _, _ = runner.end(runner.start("resume", "r"))

    assert (code, resumed) == (130, 0)
    assert "cnnsearch resume r" in errors
    assert _scores(runner.trials()) == _scores(runner.show("whole"))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_soon_with_the_state_saved(
    runner: Runner, number: signal.Signals, code: int
) -> None:
    run = runner.start("run", "tiny.yaml", "--name", "r")
    runner.wait_for("trial_started")
    run.send_signal(number)

    assert runner.end(run)[0] == code
    worker = runner.wait_for("worker_started")["pid"]
    assert not _is_alive(worker)
    assert runner.trials()[0]["state"] == "running"
    assert runner.wait_for("stopped")["exit_code"] == code


def test_two_workers_that_are_asked_to_end_save_a_trial_each(runner: Runner) -> None:
    run = runner.start("run", "tiny.yaml", "--name", "r", "--workers", "2")
    latest = {runner.wait_for("trial_started", number)["trial"] for number in (1, 2)}
    run.send_signal(signal.SIGTERM)
    code, _, errors = runner.end(run)

    assert code == 143, errors
    workers = [runner.wait_for("worker_started", number)["pid"] for number in (1, 2)]
    assert not any(map(_is_alive, workers))
    unfinished = latest - {trial.number for trial in runner.finished()}
    assert unfinished
    assert all((runner.run.trial(number) / LATEST).exists() for number in unfinished)

    code, _, errors = runner.end(runner.start("resume", "r", "--workers", "2"))

    assert code == 0, errors
    assert [trial.number for trial in runner.finished()] == [0, 1, 2, 3, 4]


def test_a_second_signal_ends_at_once(runner: Runner) -> None:
    run = runner.start("run", "tiny.yaml", "--name", "r")
    pid = runner.wait_for("worker_started")["pid"]
    os.kill(pid, signal.SIGSTOP)  # a worker that cannot answer
    run.send_signal(signal.SIGINT)
    runner.wait_for("stopping")
    run.send_signal(signal.SIGINT)

    assert runner.end(run)[0] == 130
    assert not _is_alive(pid)


def test_a_trial_whose_worker_always_dies_is_given_up(runner: Runner) -> None:
    run = runner.start("run", "tiny.yaml", "--name", "r", "--trials", "2")
    for attempt in (1, 2):
        runner.wait_for("trial_started", attempt)
        os.kill(runner.wait_for("worker_started", attempt)["pid"], signal.SIGKILL)

    assert runner.end(run)[0] == 0
    first, second = runner.trials()
    assert (first["state"], second["state"]) == ("crashed", "complete")
    assert first["message"] == "its worker died 2 times"


def test_a_run_in_progress_is_not_resumed_by_another(runner: Runner) -> None:
    runner.start("run", "tiny.yaml", "--name", "r")
    runner.wait_for("worker_started")

    code, _, errors = runner.end(runner.start("resume", "r"))

    assert code == 75
    assert errors == (
        "Error: the run r is in progress in another process; wait for it or stop it first\n"
    )


def test_a_changed_space_is_refused_with_the_difference(runner: Runner) -> None:
    run = runner.start("run", "tiny.yaml", "--name", "r")
    runner.wait_for("trial_started")
    run.send_signal(signal.SIGINT)
    runner.end(run)
    text = runner.run.space_file.read_text(encoding="utf-8")
    runner.run.space_file.write_text(text.replace("epochs: 20", "epochs: 30"), encoding="utf-8")

    code, _, errors = runner.end(runner.start("resume", "r"))

    assert code == 2
    assert "training.epochs: was 20, is 30" in errors


def test_a_search_that_reached_its_target_is_not_taken_up_again(runner: Runner) -> None:
    run = runner.start("run", "tiny.yaml", "--name", "r", "--target", "0.01", *QUICK)
    runner.wait_for("search_ended")
    run.send_signal(signal.SIGINT)
    stopped, *_ = runner.end(run)

    code, output, errors = runner.end(runner.start("resume", "r", "--json"))

    summary = json.loads(output)
    assert (stopped, code) == (130, 0), errors
    assert len(summary["trials"]) == 1  # of the five that were allowed
    assert summary["ended_because"]["reason"] == "target"
    assert "trial 0 reached val_accuracy" in summary["ended_because"]["message"]


def test_a_search_that_is_given_more_trials_goes_on(runner: Runner) -> None:
    run = runner.start("run", "tiny.yaml", "--name", "r", "--trials", "1", *QUICK)
    runner.wait_for("search_ended")
    run.send_signal(signal.SIGINT)
    runner.end(run)

    code, output, errors = runner.end(runner.start("resume", "r", "--trials", "2", "--json"))

    summary = json.loads(output)
    assert code == 0, errors
    assert [trial["number"] for trial in summary["trials"]] == [0, 1]
    assert summary["ended_because"]["message"] == "2 trials were made, as many as were asked for"
