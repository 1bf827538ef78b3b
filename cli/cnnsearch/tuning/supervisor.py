"""Keeps a run going: starts and replaces workers, keeps the events, obeys signals.

TensorFlow is not imported here.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import IO, Any, NoReturn, Protocol

from cnnsearch.errors import CnnsearchError
from cnnsearch.records.events import Event, EventLog, RunClock, read_events, spent_s
from cnnsearch.records.folder import RunFolder
from cnnsearch.tuning import exits
from cnnsearch.tuning.budget import Budget

MOST_IDLE_DEATHS = 3  # workers in a row that died without ending a trial
BY_SIGNAL = (128 + signal.SIGINT, 128 + signal.SIGTERM)  # asked for, so no error
NOT_KEPT = (
    "progress",
    "finish_progress",
)  # shown, not recorded: they would fill the disk of a long run
TICK_S = 0.25


class Screen(Protocol):
    """What shows a run while it goes on."""

    def handle(self, event: Event) -> None:
        """Take in one event."""

    def recall(self, events: Iterable[Event]) -> None:
        """Take in what happened in earlier sessions."""

    def tick(self) -> None:
        """Refresh what changes with time."""


class Stopped(CnnsearchError):
    """The run stopped before its end; `exit_code` is for the shell."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]
        if exit_code in BY_SIGNAL:
            self.label = "Stopped"  # type: ignore[misc]


class Supervisor:
    """Runs one session of a run, from its first worker to its last."""

    def __init__(self, folder: RunFolder, screen: Screen, lock: IO[bytes]) -> None:
        past = read_events(folder.events)
        self._folder = folder
        self._facts = folder.read_facts()
        self._screen = screen
        self._lock = lock
        self._clock = RunClock(spent_s(past))
        self._log = EventLog(folder.events, self._clock)
        self._past = past
        self._messages: queue.Queue[Event | None] = queue.Queue()
        self._worker: subprocess.Popen[bytes] | None = None
        self._listener: threading.Thread | None = None
        self._failure: Event | None = None
        self._signals: list[int] = []
        self._idle_deaths = 0

    def run(self) -> None:
        """Work until the run is done.

        Raises:
            CnnsearchError: It stopped or failed; the exit code says how.
        """
        with self._obeying_signals():
            try:
                self._announce()
                while self._start_worker() != exits.DONE:
                    pass
                self._record("phase", phase="done")
            finally:
                self._let_go()

    def _announce(self) -> None:
        self._screen.recall(self._past)
        budget = Budget(**self._facts["budget"])
        self._record(
            "run_started",
            run=self._folder.name,
            folder=str(self._folder.path),
            space=self._facts["space"],
            dataset=self._facts["dataset"],
            budget={
                "time_s": budget.time_s,
                "trials": budget.trials,
                "reserve_s": budget.reserve_s,
            },
            objectives=self._facts["objectives"],
            resumed=bool(self._past),
        )
        if not self._past:
            self._tell_beginning()
        self._warn(budget)

    def _tell_beginning(self) -> None:
        """Say which run's trials this one learns from, and what is wrong with them."""
        began_with = self._facts.get("began_with")
        if began_with is None:
            return
        self._record("began_with", run=began_with["run"], trials=began_with["trials"])
        for message in began_with["warnings"]:
            self._record("warning", message=message)

    def _warn(self, budget: Budget) -> None:
        """Say before it costs anything that the time will not do."""
        if budget.time_s is None:
            return
        left_s = budget.search_until_s - self._clock.elapsed_s()
        if self._past and left_s <= 0:
            self._record(
                "warning",
                message="the time to search is used up: the best so far is finished and exported; "
                f"for more, stop, and give it: cnnsearch resume {self._folder.name} --budget",
            )
        elif not self._past and budget.is_tight:
            self._record(
                "warning",
                message=f"{left_s:.0f} s to search is hardly enough to train one small network; "
                "a budget of 1m or more gives results that mean something",
            )

    def _start_worker(self) -> int:
        """Run one worker to its end; return its exit code where all is done or another follows."""
        command = [
            sys.executable,
            "-m",
            "cnnsearch.tuning.worker",
            str(self._folder.path),
            f"{self._clock.elapsed_s():.3f}",
        ]
        with self._folder.worker_log.open("ab") as log:
            self._worker = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours to pass on
                pass_fds=() if os.name == "nt" else (self._lock.fileno(),),
                env={
                    **os.environ,
                    "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2"),
                },
            )
        self._record("worker_started", pid=self._worker.pid)
        self._listener = threading.Thread(
            target=self._listen, args=(self._worker.stdout,), daemon=True
        )
        self._listener.start()
        self._follow()
        code = self._worker.wait()
        self._let_go()
        return self._judge(code)

    def _listen(self, stream: IO[bytes] | None) -> None:
        for line in stream or ():
            with contextlib.suppress(ValueError):
                message = json.loads(line)
                if isinstance(message, dict):
                    self._messages.put(message)
        self._messages.put(None)

    def _follow(self) -> None:
        """Pass on what the worker says until it says no more."""
        while True:
            self._obey()
            try:
                message = self._messages.get(timeout=TICK_S)
            except queue.Empty:
                self._screen.tick()
                continue
            if message is None:
                return
            self._take(message)

    def _take(self, message: Event) -> None:
        kind = message.pop("event", "unknown")
        if kind in ("trial_ended", "trial_paused"):
            self._idle_deaths = 0
        if kind == "failed":
            self._failure = message
        else:
            self._record(kind, **message)

    def _judge(self, code: int) -> int:
        """Decide what follows from how the worker ended."""
        if self._failure is not None:
            self._record(
                "stopped", reason=self._failure["message"], exit_code=self._failure["exit_code"]
            )
            raise Stopped(self._failure["message"], self._failure["exit_code"])
        if self._signals and code != exits.DONE:  # a run that is done needs no resuming
            self._stopped_by_signal()
        if code in (exits.DONE, exits.REPLACE):
            if code == exits.REPLACE:
                self._record(
                    "worker_ended",
                    exit_code=code,
                    reason="its memory had grown; a fresh one takes over",
                )
            return code
        self._idle_deaths += 1
        reason = f"killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        self._record("worker_ended", exit_code=code, reason=reason)
        if self._idle_deaths >= MOST_IDLE_DEATHS:
            self._give_up(f"{self._idle_deaths} workers in a row died ({reason})")
        return code

    def _give_up(self, reason: str) -> NoReturn:
        self._record("stopped", reason=reason, exit_code=CnnsearchError.exit_code)
        tail = f"its last words: {self._last_words()}\nthe whole of them: {self._folder.worker_log}"
        raise Stopped(f"{reason}; {tail}", CnnsearchError.exit_code)

    def _stopped_by_signal(self) -> None:
        code = 128 + self._signals[0]
        hint = f"everything is saved; go on with: cnnsearch resume {self._folder.name}"
        self._record("stopped", reason=signal.Signals(self._signals[0]).name, exit_code=code)
        raise Stopped(hint, code)

    def _last_words(self) -> str:
        text = self._folder.worker_log.read_text(encoding="utf-8", errors="replace")
        return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "none")

    def _record(self, kind: str, **facts: Any) -> None:
        event = self._log.stamp(kind, **facts)
        if kind not in NOT_KEPT:
            self._log.append(event)
        self._screen.handle(event)

    def _obey(self) -> None:
        """Pass a signal on: the first one asks the worker to stop, the second ends it at once."""
        worker = self._worker
        if not self._signals or worker is None or worker.stdin is None:
            return
        if not worker.stdin.closed:
            self._record("stopping", reason=signal.Signals(self._signals[0]).name)
            with contextlib.suppress(OSError):
                worker.stdin.close()  # the worker hears the end of the stream, saves and stops
        elif len(self._signals) > 1:
            self._kill()

    def _kill(self) -> None:
        if self._worker is not None and self._worker.poll() is None:
            self._worker.kill()
            self._worker.wait()

    def _let_go(self) -> None:
        """Have no worker any more: neither its process nor its pipes."""
        self._kill()
        if self._listener is not None:
            self._listener.join(timeout=TICK_S)  # it ends with the pipe
        for pipe in (self._worker.stdin, self._worker.stdout) if self._worker else ():
            if pipe is not None:
                pipe.close()
        self._worker = self._listener = None

    @contextlib.contextmanager
    def _obeying_signals(self) -> Iterator[None]:
        def note(number: int, frame: FrameType | None) -> None:
            self._signals.append(number)

        before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
