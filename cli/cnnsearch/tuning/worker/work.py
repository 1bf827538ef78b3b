"""What a worker does: search, then finish, test and export the winner."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from cnnsearch.errors import CnnsearchError, StoppedError, disk_is_full
from cnnsearch.records.events import RunClock
from cnnsearch.records.folder import RunFolder
from cnnsearch.tuning.exits import DONE, FAILED, REPLACE, STOPPED
from cnnsearch.tuning.worker.channel import Channel


def work(channel: Channel, folder: str, spent_s: float) -> int:
    """Work on the run until it is done, or the supervisor says stop; return the exit code."""
    clock = RunClock(spent_s)
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches the whole terminal; the supervisor decides
    signal.signal(signal.SIGTERM, lambda *_: channel.request_stop())
    try:
        return _work(channel, RunFolder(Path(folder)), clock)
    except CnnsearchError as error:
        channel.send("failed", message=str(error), exit_code=error.exit_code)
        return FAILED
    except OSError as error:
        if not disk_is_full(error):
            raise
        return _tell_full_disk(channel, folder)


def _tell_full_disk(channel: Channel, folder: str) -> int:
    name = Path(folder).name
    message = f"the disk is full; free some space, then go on with: cnnsearch resume {name}"
    channel.send("failed", message=message, exit_code=StoppedError.exit_code)
    return FAILED


def _work(channel: Channel, folder: RunFolder, clock: RunClock) -> int:
    started = time.monotonic()
    from cnnsearch.tuning.worker.interrupted import DiskFull, Interrupted, MemoryGrown
    from cnnsearch.tuning.worker.session import Session

    session = Session(folder, clock, channel, time.monotonic() - started)
    channel.send(
        "worker_ready", import_s=round(time.monotonic() - started, 2), device=session.device.name
    )
    try:
        session.search()
        session.finish()
    except Interrupted:
        return STOPPED
    except MemoryGrown:
        return REPLACE
    except DiskFull:
        return _tell_full_disk(channel, str(folder.path))
    return DONE
