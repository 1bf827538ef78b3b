"""Struck down at random moments, a run ends with the trials and scores of one left alone."""

from __future__ import annotations

import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from tests.tuning.conftest import PATIENCE_S, Runner

from cnnsearch.records.events import read_events

TRIALS = 5
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
    """A run of so many trials that is struck and goes on, with so many workers."""

    def __init__(self, runner: Runner, *more: str, workers: int = 1, trials: int = TRIALS) -> None:
        self.runner = runner
        self.struck: list[str] = []
        self._before: Counter[str] = Counter()  # events by their kind, when it was struck last
        self._widowed: set[int] = set()  # trials whose worker was killed: once more is a failure
        self._workers = workers
        words = ("run", "tiny.yaml", "--name", "r", "--trials", str(trials))
        self._process = runner.start(*words, "--workers", str(workers), *more)

    def strike(self, moment: Moment) -> bool:
        """Strike at that moment and let the run go on; return whether it was not done before."""
        event = self._wait_for(moment.event)
        if event is None:
            return False
        time.sleep(moment.later_s)
        blow, worker = moment.blow, event["worker"]
        if blow == "kill the worker" and self._in_flight(worker) & self._widowed:
            blow = "take the machine away"
        self._before = Counter(event["event"] for event in self._events())
        self.struck.append(f"{blow} {moment.later_s:.2f} s after {moment.event} of {worker}")
        if blow == "kill the worker":
            self._widowed |= self._in_flight(worker)
            self.runner.kill_worker(worker)
        elif blow == "kill the supervisor":
            self._process.kill()
        else:
            self._take_the_machine_away()
        if blow != "kill the worker":
            self._process.communicate()
            self._process = self._resume()
        return True

    def end(self) -> None:
        """Let the run come to its end; workers killed three times in a row end it once."""
        code, _, errors = self.runner.end(self._process)
        if code == 1:
            code, _, errors = self.runner.end(self._resume())
        finished = "is finished" in errors  # struck when all was done
        assert code == 0 or finished, (errors, self.struck)

    def _resume(self) -> subprocess.Popen[str]:
        return self.runner.start("resume", "r", "--workers", str(self._workers))

    def _events(self) -> list[dict[str, Any]]:
        return read_events(self.runner.run.events)

    def _wait_for(self, kind: str) -> dict[str, Any] | None:
        """Wait for such an event since the last blow and return it; None if the run ends before.

        One that has come already counts: a worker that was killed is replaced at once, and no other
        may start for the rest of the run.
        """
        patience = time.monotonic() + PATIENCE_S
        while time.monotonic() < patience:
            found = [event for event in self._events() if event["event"] == kind]
            if len(found) > self._before[kind]:
                return found[-1]
            if self._process.poll() is not None:
                return None
            time.sleep(0.01)
        raise AssertionError(f"nothing happens any more, after {self.struck}")

    def _in_flight(self, worker: int) -> set[int]:
        """Return the trial that a worker has begun and not ended."""
        begun: set[int] = set()
        for event in self._events():
            if event.get("worker") != worker:
                continue
            if event["event"] == "trial_started":
                begun = {event["trial"]}
            elif event["event"] == "trial_ended":
                begun = set()
        return begun

    def _take_the_machine_away(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(LAST_WORDS_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            for worker in range(self._workers):
                self.runner.kill_worker(worker)


def ended(runner: Runner) -> list[tuple[Any, ...]]:
    """Return what the trials have found that are over, from the record of the run."""
    return [
        (trial.number, trial.state, trial.value, trial.looks, trial.settings)
        for trial in runner.finished()
    ]


def begun_after_its_end(events: list[dict[str, Any]]) -> set[int]:
    """Return the trials that were trained once more although they were over."""
    over: set[int] = set()
    again: set[int] = set()
    for event in events:
        if event["event"] == "trial_ended":
            over.add(event["trial"])
        elif event["event"] == "trial_started":
            again |= over & {event["trial"]}
    return again


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
    whole = runner.start("run", "tiny.yaml", "--name", "whole", "--trials", str(TRIALS))
    assert runner.end(whole)[0] == 0

    run = Struck(runner)
    for moment in moments(count, seed=4):
        if not run.strike(moment):
            break
    run.end()

    assert found(runner, "r") == found(runner, "whole"), run.struck
    assert len(run.struck) >= min(count, 3)


@pytest.mark.exhaustive  # each blow costs two starts; test_survival.py has one blow for every day
@pytest.mark.parametrize("count", [3, 20], ids=lambda count: f"{count} blows")
def test_two_workers_that_are_struck_down_lose_no_trial(runner: Runner, count: int) -> None:
    """Which candidates they try depends on who is first, so only what was found can be compared."""
    trials = max(TRIALS, count)
    every_trial_is_saved = ("--set", "search.pruning=none")  # or some moments never come
    run = Struck(runner, *every_trial_is_saved, workers=2, trials=trials)
    before: list[tuple[Any, ...]] = []
    for moment in moments(count, seed=6):
        if not run.strike(moment):
            break
        before += [trial for trial in ended(runner) if trial not in before]
    run.end()

    after, events = ended(runner), read_events(runner.run.events)
    assert len(run.struck) == count
    assert [number for number, *_ in after] == list(range(trials)), run.struck
    assert set(map(str, before)) <= set(map(str, after)), run.struck
    assert not begun_after_its_end(events), run.struck
    kills = sum(blow.startswith("kill the worker") for blow in run.struck)
    crashed = sum(state == "crashed" for _, state, *_ in after)
    assert crashed <= kills // 2, run.struck
    assert {state for _, state, *_ in after} <= {"complete", "pruned", "crashed"}, run.struck
    times = [event["elapsed_s"] for event in events]
    assert times == sorted(times), run.struck  # what was spent before a blow counts
    assert (runner.run.export / "saved_model" / "saved_model.pb").exists()


def test_the_moments_are_random_and_the_same_for_all() -> None:
    assert moments(20, seed=4) == moments(20, seed=4) != moments(20, seed=5)
    assert {moment.blow for moment in moments(3, seed=4)} == set(BLOWS)
