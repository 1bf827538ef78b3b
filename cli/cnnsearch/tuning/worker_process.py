"""One worker as its supervisor sees it: a process that sends events and can be told a word."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO

from cnnsearch.records.events import Event
from cnnsearch.records.folder import RunFolder
from cnnsearch.tuning.place import Place

PIPE_PATIENCE_S = 0.25  # its end follows that of the process
Hear = Callable[["WorkerProcess", Event | None], None]


class WorkerProcess:
    """A worker, from its start to its end.

    Args:
        hear: Called from another thread with each event, and with None when no more can come.
        lock: The run's lock, which the worker keeps as long as it lives.
    """

    def __init__(
        self, place: Place, folder: RunFolder, spent_s: float, lock: IO[bytes], hear: Hear
    ) -> None:
        self.place = place
        self.device: str | None = None  # known once it is ready
        self.is_told = False  # what to do after its search
        self.kills_before = 0  # for want of memory, of any process, before it started
        self.is_overdue = False  # killed, as it did not end a trial in time
        self.trial: int | None = None
        self.trial_since_s = 0.0  # by the monotonic clock
        self.saved_s = time.monotonic()  # or took a trial: the study knows the time until then
        self._process = _start(place, folder, spent_s, lock)
        self._listener = threading.Thread(target=self._listen, args=(hear,), daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def note(self, event: Event) -> None:
        """Take in what an event of this worker tells about it."""
        kind = event.get("event")
        if kind == "worker_ready":
            self.device = event.get("device")
        elif kind in ("trial_taken", "trial_started"):  # before and after its network is built
            self.trial, self.trial_since_s = event.get("trial"), time.monotonic()
        elif kind in ("trial_ended", "trial_paused") and event.get("trial") == self.trial:
            self.trial = None
        if kind in ("trial_taken", "saved"):
            self.saved_s = time.monotonic()

    def tell(self, word: str) -> None:
        """Say what to do after the search."""
        self.is_told = True
        pipe = self._process.stdin
        if pipe is not None and not pipe.closed:
            with contextlib.suppress(OSError):  # it has died: its end says so
                pipe.write(f"{word}\n".encode())
                pipe.flush()

    def ask_to_stop(self) -> None:
        """Let it hear the end of the stream: it saves what it does and ends."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def kill(self) -> None:
        """End it at once."""
        if self._process.poll() is None:
            self._process.kill()

    def end(self) -> int:
        """Wait until it has ended, let go of its pipes and return its exit code."""
        code = self._process.wait()
        self._listener.join(timeout=PIPE_PATIENCE_S)
        self.ask_to_stop()
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code

    def _listen(self, hear: Hear) -> None:
        for line in self._process.stdout or ():
            with contextlib.suppress(ValueError):
                message = json.loads(line)
                if isinstance(message, dict):
                    hear(self, message)
        hear(self, None)


def _start(
    place: Place, folder: RunFolder, spent_s: float, lock: IO[bytes]
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "cnnsearch.tuning.worker", str(folder.path)]
    command += [f"{spent_s:.3f}", str(place.index), str(place.count)]
    log_level = os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2")
    with folder.worker_log.open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # Ctrl-C is the supervisor's to pass on
            pass_fds=() if os.name == "nt" else (lock.fileno(),),
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": log_level},
        )
