"""Search spaces to draw from, trials that were scored, and whole runs to watch."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cnnsearch.records.events import read_events
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import open_study
from cnnsearch.records.trial import FAILURES, State, TrialRecord
from cnnsearch.space import Candidate, SearchSpace, Value, draw, load_space, random_chooser

LoadSpace = Callable[..., SearchSpace]

# Choices of every kind, some of which depend on others, some of which change nothing.
VARIED = """
    architecture:
      activation: {values: [relu, swish]}
      stem: {width: {values: [8, 16]}}
      stages:
        count: {min: 1, max: 3}
        block: {values: [conv, residual]}
        depth: {min: 1, max: 2, per: stage}
        width: {values: [8, 16, 32]}
        width_growth: {values: [1, 2]}
        kernel_size: {values: [3, 5], per: stage}
        dropout: {min: 0, max: 0.3, step: 0.1}
      head: {units: {values: [[], [16]]}}
    training:
      optimizer: {values: [adamw, sgd]}
      learning_rate: {min: 1e-4, max: 1e-1, log: true, prior: 3e-3}
      weight_decay: {min: 1e-5, max: 1e-2, log: true, when: "optimizer == 'adamw'"}
"""
# One setting with an order, so that a child tells who its parent was.
LINE = "architecture: {stages: {count: 1, width: {min: 1, max: 200, prior: 100}}}\n"
LINE_PATH = "architecture.stages.width"


PATIENCE_S = 120  # until a test gives up on a process


class Runner:
    """Starts `cnnsearch` in a folder and watches what its run writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = RunFolder(folder / "runs" / "r")
        self.processes: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str, before: Sequence[str] = ()) -> subprocess.Popen[str]:
        """Start `cnnsearch ARGUMENTS`; `before` are the words of a command that starts it."""
        command = [*before, sys.executable, "-m", "cnnsearch", *arguments]
        process = subprocess.Popen(
            command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.processes.append(process)
        return process

    def end(self, process: subprocess.Popen[str]) -> tuple[int, str, str]:
        """Return exit code, output and errors of a process, once it has ended."""
        output, errors = process.communicate(timeout=PATIENCE_S)
        return process.returncode, output, errors

    def wait_for(self, event: str, count: int = 1) -> dict[str, Any]:
        """Return the `count`-th event of a kind, once it is there."""
        patience = time.monotonic() + PATIENCE_S
        while time.monotonic() < patience:
            found = [e for e in read_events(self.run.events) if e["event"] == event]
            if len(found) >= count:
                return found[count - 1]
            time.sleep(0.02)
        raise AssertionError(f"no event {event!r} within {PATIENCE_S} s")

    def kill_worker(self, worker: int) -> None:
        """End a worker at once."""
        started = [e for e in read_events(self.run.events) if e["event"] == "worker_started"]
        pids = {event["worker"]: event["pid"] for event in started}  # the latest of each
        with contextlib.suppress(ProcessLookupError):
            os.kill(pids[worker], signal.SIGKILL)

    def finished(self) -> list[TrialRecord]:
        """Return the trials that are over, from the record of the run."""
        return [trial for trial in open_study(self.run.journal).trials() if trial.finished]

    def trials(self) -> list[dict[str, Any]]:
        return self.show("r")

    def show(self, name: str) -> list[dict[str, Any]]:
        """Return the trials of a run as `cnnsearch show --json` tells them."""
        _, output, _ = self.end(self.start("show", name, "--json"))
        return list(json.loads(output)["trials"])


@pytest.fixture
def runner(tiny_space: Path) -> Iterator[Runner]:
    runner = Runner(tiny_space.parent)
    yield runner
    for process in runner.processes:
        process.kill()
        if process.stdout and not process.stdout.closed:
            process.communicate()


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LoadSpace:
    """Return a function that loads a space from text, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def load_text(text: str, *overrides: str) -> SearchSpace:
        Path("space.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
        return load_space("space.yaml", overrides)

    return load_text


@pytest.fixture
def varied(load: LoadSpace) -> SearchSpace:
    return load(VARIED)


def trial(
    number: int,
    settings: Mapping[str, Value],
    value: float | None = 0.5,
    *,
    step: int = 60,
    state: State = "pruned",
) -> TrialRecord:
    """Return a trial that was looked at once, or never where `value` is None."""
    looks = {} if value is None else {step: value}
    values = None if value is None else (value,)
    return TrialRecord(
        number, state, settings, 1_000, 5_000, looks=looks, value=value, values=values
    )


def line(values: Sequence[tuple[int, float]], **facts: Any) -> list[TrialRecord]:
    """Return trials at these places of the line, with these scores."""
    return [trial(n, {LINE_PATH: at}, score, **facts) for n, (at, score) in enumerate(values)]


def random_history(space: SearchSpace, length: int) -> list[TrialRecord]:
    """Return trials of every kind of end, with settings and scores drawn at random."""
    rng = Random(length)
    ends: tuple[State, ...] = ("complete", "pruned", *FAILURES)
    return [
        trial(
            number,
            draw(space, random_chooser(rng)).settings,
            None if number % 5 == 3 else rng.random(),
            step=rng.choice([60, 180, 540]),
            state=ends[number % len(ends)] if number % 3 == 0 else "pruned",
        )
        for number in range(length)
    ]


def network(candidate: Candidate) -> tuple[object, ...]:
    """Return what is trained, whichever settings say so."""
    return candidate.architecture, candidate.training, candidate.augmentation
