"""What a worker does: search, then finish, test and export the winner."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from cnnsearch.errors import CnnsearchError, StoppedError, disk_is_full
from cnnsearch.records.claims import held
from cnnsearch.records.events import RunClock
from cnnsearch.records.folder import RunFolder
from cnnsearch.tuning.exits import DONE, FAILED, REPLACE, SEARCHED, STOPPED
from cnnsearch.tuning.place import Place
from cnnsearch.tuning.words import END, FINISH
from cnnsearch.tuning.worker.channel import Channel


def work(channel: Channel, folder: str, spent_s: float, place: Place) -> int:
    """Work on the run until it is done, or the supervisor says stop; return the exit code."""
    run = RunFolder(Path(folder))
    clock = RunClock(spent_s)
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches the whole terminal; the supervisor decides
    signal.signal(signal.SIGTERM, lambda *_: channel.request_stop())
    try:
        with held(run.worker_lock(place.index)):
            return _work(channel, run, clock, place)
    except CnnsearchError as error:
        channel.send("failed", message=str(error), exit_code=error.exit_code)
        return FAILED
    except Exception as error:
        if not disk_is_full(error):
            raise
        return _tell_full_disk(channel, folder)


def _tell_full_disk(channel: Channel, folder: str) -> int:
    run = RunFolder(Path(folder)).called
    message = f"the disk is full; free some space, then go on with: cnnsearch resume {run}"
    channel.send("failed", message=message, exit_code=StoppedError.exit_code)
    return FAILED


def _work(channel: Channel, folder: RunFolder, clock: RunClock, place: Place) -> int:
    started = time.monotonic()
    from cnnsearch.tuning.worker.interrupted import DiskFull, Interrupted, MemoryGrown
    from cnnsearch.tuning.worker.session import Session

    session = Session(folder, clock, channel, place, time.monotonic() - started)
    channel.send(
        "worker_ready", import_s=round(time.monotonic() - started, 2), device=session.device.name
    )
    try:
        session.search()
        channel.send("searched")
        word = channel.next_word()
        if word != FINISH:
            return SEARCHED if word == END else STOPPED
        session.finish()
    except Interrupted:
        return STOPPED
    except MemoryGrown:
        return REPLACE
    except DiskFull:
        return _tell_full_disk(channel, str(folder.path))
    return DONE
