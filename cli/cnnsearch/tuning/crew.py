"""The workers of one session: started, replaced when they die, and stopped together."""

from __future__ import annotations

import queue
import time
from collections import Counter
from collections.abc import Iterator
from typing import IO

from cnnsearch.records.events import Event
from cnnsearch.records.folder import RunFolder
from cnnsearch.tuning.chronicle import Chronicle
from cnnsearch.tuning.place import Place
from cnnsearch.tuning.starved import memory_kills
from cnnsearch.tuning.worker_process import WorkerProcess

MOST_IDLE_DEATHS = 3  # workers in a row, in one place, that died without ending a trial
TICK_S = 0.25


class Crew:
    """The worker processes that live now, and how often those before them died."""

    def __init__(self, folder: RunFolder, lock: IO[bytes], chronicle: Chronicle) -> None:
        self._folder = folder
        self._lock = lock
        self._chronicle = chronicle
        self._members: list[WorkerProcess] = []
        self._idle_deaths: Counter[Place] = Counter()
        self._messages: queue.Queue[tuple[WorkerProcess, Event | None]] = queue.Queue()

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[WorkerProcess]:
        return iter(list(self._members))

    def start(self, place: Place) -> None:
        """Start a worker in `place`."""
        worker = WorkerProcess(
            place,
            self._folder,
            self._chronicle.clock.elapsed_s(),
            self._lock,
            lambda sender, message: self._messages.put((sender, message)),
        )
        worker.kills_before = memory_kills()
        self._members.append(worker)
        self._chronicle.record(
            "worker_started", worker=place.index, workers=place.count, pid=worker.pid
        )

    def next_message(self) -> tuple[WorkerProcess, Event | None] | None:
        """Return who says what (None: no more), or None when nobody does for a moment."""
        try:
            return self._messages.get(timeout=TICK_S)
        except queue.Empty:
            return None

    def see_off(self, worker: WorkerProcess) -> int:
        """Wait for the end of a worker; return its exit code."""
        code = worker.end()
        self._members.remove(worker)
        return code

    def is_last_to_search(self, worker: WorkerProcess) -> bool:
        """Tell whether every other worker has been told what to do after the search."""
        return all(other.is_told for other in self._members if other is not worker)

    def overdue(self, limit_s: float) -> list[WorkerProcess]:
        """Return the workers that have been at one trial for longer than this."""
        now = time.monotonic()
        return [
            worker
            for worker in self._members
            if worker.trial is not None and now - worker.trial_since_s > limit_s
        ]

    def count_death(self, worker: WorkerProcess) -> int:
        """Note that a worker died; return how many in its place did so in a row, for nothing."""
        self._idle_deaths[worker.place] += 1
        return self._idle_deaths[worker.place]

    def forgive(self, worker: WorkerProcess) -> None:
        """Note that a worker has ended a trial: the deaths in its place count from here."""
        self._idle_deaths[worker.place] = 0

    def ask_to_stop(self) -> None:
        """Have every worker save what it does and end."""
        for worker in self._members:
            worker.ask_to_stop()

    def kill(self) -> None:
        """End every worker at once."""
        for worker in self._members:
            worker.kill()

    def disband(self) -> None:
        """Have no worker any more: neither processes nor pipes."""
        self.kill()
        for worker in self:
            self.see_off(worker)
