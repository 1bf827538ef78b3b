"""A job that is cancelled as GitHub does it, and the next one, which goes on."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.tuning.conftest import Runner

from cnnsearch.results.summary import summarize
from cnnsearch.results.summary_model import summary_schema

pytestmark = pytest.mark.slow

JOB = ("--ci", "--baseline", "last-good", "--allow-missing-baseline")
LIMIT = "gate={val_accuracy: {min: 0.01, max_drop: 0.01}, parameters: {level: warn, max: 1}}"


def cancel(job: subprocess.Popen[str]) -> None:
    """End a process as GitHub's runner ends the first one of a step."""
    for number, patience_s in ((signal.SIGINT, 7.5), (signal.SIGTERM, 2.5), (signal.SIGKILL, None)):
        job.send_signal(number)
        try:
            job.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue
        return


def ended_trials(runner: Runner) -> list[dict[str, Any]]:
    trials: list[dict[str, Any]] = summarize(runner.run, explained=False)["trials"]
    return [trial for trial in trials if trial["state"] not in ("running", "paused")]


def test_a_cancelled_job_goes_on_in_the_next(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = runner.folder / "step.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    options = ("--trials", "3", "--set", "training.epochs=2", "--set", LIMIT)
    job = runner.start("run", "tiny.yaml", "--name", "r", *JOB, *options)
    runner.wait_for("trial_ended")
    cancel(job)
    cancelled, _, errors = runner.end(job)
    before = ended_trials(runner)

    code, output, _ = runner.end(runner.start("resume", "r", *JOB, "--json"))

    summary = json.loads(output)
    assert cancelled in (130, 143, -signal.SIGKILL), errors
    assert (code, summary["gate"]["verdict"]) == (0, "warned")
    assert before
    assert summary["trials"][: len(before)] == before
    assert len(summary["trials"]) == 3
    Draft202012Validator(summary_schema()).validate(summary)
    assert "r: the gate passed with warnings" in page.read_text(encoding="utf-8")
