"""Struck down at random moments, a run ends with the trials and scores of one left alone."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from tests.tuning.conftest import PATIENCE_S, Runner

from cnnsearch.records.events import read_events

TRIALS = "5"
LAST_WORDS_S = 8.0  # what a machine that is taken away leaves between SIGTERM and SIGKILL
AFTER = ("worker_started", "worker_ready", "trial_started", "look", "saved", "trial_ended")
BLOWS = ("kill the worker", "kill the supervisor", "take the machine away")


@dataclass(frozen=True)
class Moment:
    """When the run is struck, and how."""

    event: str  # the next of its kind
    later_s: float
    blow: str


def moments(count: int, seed: int) -> list[Moment]:
    """Return random moments, the same for the same seed; every blow is among three of them."""
    random = Random(seed)
    blows = [blow for _ in range(-(-count // 3)) for blow in random.sample(BLOWS, 3)]
    return [Moment(random.choice(AFTER), random.uniform(0, 0.6), blow) for blow in blows[:count]]


class Struck:
    """A run that is struck and goes on."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.struck: list[str] = []
        self._widowed: set[int] = set()  # trials whose worker was killed: once more is a failure
        self._process = runner.start("run", "tiny.yaml", "--name", "r", "--trials", TRIALS)

    def strike(self, moment: Moment) -> bool:
        """Strike at that moment and let the run go on; return whether it was not done before."""
        if not self._wait_for(moment.event):
            return False
        time.sleep(moment.later_s)
        blow = moment.blow
        if blow == "kill the worker" and self._in_flight() & self._widowed:
            blow = "take the machine away"
        self.struck.append(f"{blow} {moment.later_s:.2f} s after {moment.event}")
        if blow == "kill the worker":
            self._widowed |= self._in_flight()
            self._kill_worker()
        elif blow == "kill the supervisor":
            self._process.kill()
        else:
            self._take_the_machine_away()
        if blow != "kill the worker":
            self._process.communicate()
            self._process = self.runner.start("resume", "r")
        return True

    def end(self) -> None:
        """Let the run come to its end; workers killed three times in a row end it once."""
        code, _, errors = self.runner.end(self._process)
        if code == 1:
            code, _, errors = self.runner.end(self.runner.start("resume", "r"))
        finished = "is finished" in errors  # struck when all was done
        assert code == 0 or finished, (errors, self.struck)

    def _events(self) -> list[dict[str, Any]]:
        return read_events(self.runner.run.events)

    def _wait_for(self, kind: str) -> bool:
        """Wait until one more such event is there; return False if the run ends before."""
        seen = sum(event["event"] == kind for event in self._events())
        patience = time.monotonic() + PATIENCE_S
        while time.monotonic() < patience:
            if sum(event["event"] == kind for event in self._events()) > seen:
                return True
            if self._process.poll() is not None:
                return False
            time.sleep(0.01)
        raise AssertionError(f"nothing happens any more, after {self.struck}")

    def _in_flight(self) -> set[int]:
        """Return the trial that a worker has begun and not ended."""
        begun: set[int] = set()
        for event in self._events():
            if event["event"] == "trial_started":
                begun.add(event["trial"])
            elif event["event"] == "trial_ended":
                begun.discard(event["trial"])
        return begun

    def _kill_worker(self) -> None:
        pids = [event["pid"] for event in self._events() if event["event"] == "worker_started"]
        with contextlib.suppress(ProcessLookupError):
            os.kill(pids[-1], signal.SIGKILL)

    def _take_the_machine_away(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(LAST_WORDS_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._kill_worker()


def found(runner: Runner, name: str) -> list[tuple[Any, ...]]:
    """Return what a run has found, without how long it took."""
    return [
        (trial["number"], trial["state"], trial["value"], trial["looks"], trial["settings"])
        for trial in runner.show(name)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "count", [3, pytest.param(20, marks=pytest.mark.exhaustive)], ids=lambda count: f"{count} blows"
)
def test_a_run_that_is_struck_down_ends_as_one_left_alone(runner: Runner, count: int) -> None:
    whole = runner.start("run", "tiny.yaml", "--name", "whole", "--trials", TRIALS)
    assert runner.end(whole)[0] == 0

    run = Struck(runner)
    for moment in moments(count, seed=4):
        if not run.strike(moment):
            break
    run.end()

    assert found(runner, "r") == found(runner, "whole"), run.struck
    assert len(run.struck) >= min(count, 3)


def test_the_moments_are_random_and_the_same_for_all() -> None:
    assert moments(20, seed=4) == moments(20, seed=4) != moments(20, seed=5)
    assert {moment.blow for moment in moments(3, seed=4)} == set(BLOWS)
