"""Workers that the system killed for want of memory: their trial is tried with a smaller batch."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from cnnsearch.machine.control_groups import own_groups
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import open_study
from cnnsearch.tuning.worker_process import WorkerProcess


def memory_kills(counters: Iterable[Path] | None = None) -> int:
    """Return how many processes the system has killed for want of memory; 0 if it does not tell.

    One kill may be counted in several places: only that the number grows has a meaning.
    """
    total = 0
    for counter in _counters() if counters is None else counters:
        with suppress(OSError):
            found = re.search(r"^oom_kill (\d+)$", counter.read_text("ascii"), re.MULTILINE)
            total += int(found[1]) if found else 0
    return total


def _counters() -> Iterator[Path]:
    """Yield who may count: control groups of version 2 and of version 1, and the whole machine."""
    for group in own_groups("memory"):
        yield from (group / "memory.events", group / "memory.oom_control")
    yield Path("/proc/vmstat")


def is_starved(worker: WorkerProcess, code: int) -> bool:
    """Tell whether a worker with this exit code ended for want of memory."""
    killed = code == -signal.SIGKILL and not worker.is_overdue
    return killed and memory_kills() > worker.kills_before


def note_starved_trial(folder: RunFolder, worker: WorkerProcess) -> None:
    """Note why the trial of a killed worker ended, for the one that takes it up."""
    study = open_study(folder.journal)
    if worker.trial is not None and worker.trial in study.unfinished():
        study.note(worker.trial, starved=True)
