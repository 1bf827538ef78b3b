"""A power cut: all processes are gone at once, and files end amid what was written last."""

from __future__ import annotations

import subprocess
from pathlib import Path
from random import Random

import pytest
from tests.tuning.conftest import Runner

from cnnsearch.records.events import read_events
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import open_study
from cnnsearch.tuning.worker.checkpoint import LATEST

UNPRUNED = ("--set", "search.pruning=none")  # every trial is saved at its looks
HALF_A_LINE = b'{"op_code": 6, "trial_id": 1, "even'


def cut_the_power(runner: Runner, run: subprocess.Popen[str], workers: int) -> None:
    """Kill the run and its workers, which get no chance to save."""
    run.kill()
    for worker in range(workers):
        runner.kill_worker(worker)
    run.communicate()


def leave_half_written(folder: RunFolder) -> list[Path]:
    """Damage what was being written, as a file system may leave it.

    Returns:
        The lost states of trials that are not over.
    """
    for appended in (folder.journal, folder.events):
        with appended.open("ab") as file:
            file.write(HALF_A_LINE)
    folder.heartbeat.write_bytes(b"")
    folder.progress.write_bytes(b'{"0": {"ev')
    states = sorted(folder.path.glob(f"trials/*/{LATEST}"))
    for state in states:
        whole = state.read_bytes()
        state.unlink()  # the best look's state may be the same file, by another name
        state.write_bytes(whole[: Random(state.parent.name).randrange(len(whole))])
        (state.parent / f".{LATEST}.7.partial").write_bytes(whole[:100])
    unfinished = {folder.trial(number) for number in open_study(folder.journal).unfinished()}
    return [state for state in states if state.parent in unfinished]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.exhaustive), 2])
def test_a_power_cut_costs_steps_and_no_finished_trial(runner: Runner, workers: int) -> None:
    count = ("--workers", str(workers))
    run = runner.start("run", "tiny.yaml", "--name", "r", *count, *UNPRUNED)
    runner.wait_for("trial_ended")
    saved = sum(event["event"] == "saved" for event in read_events(runner.run.events))
    runner.wait_for("saved", saved + 1)
    cut_the_power(runner, run, workers)
    before, lost = runner.finished(), leave_half_written(runner.run)

    code, _, errors = runner.end(runner.start("resume", "r", *count))

    assert code == 0, errors
    after = runner.finished()
    assert before
    assert [trial for trial in after if trial in before] == before
    assert [trial.number for trial in after] == [0, 1, 2, 3, 4]
    assert {trial.state for trial in after} == {"complete"}
    assert "cannot be read" in errors or not lost
    assert not list(runner.run.path.rglob("*.partial"))
