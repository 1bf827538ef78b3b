"""A worker's words reach its supervisor unspoilt, and the supervisor's end is the wish to stop."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from queue import SimpleQueue

import pytest

from cnnsearch.tuning.worker.channel import Channel

OPEN = """
import os, time
from cnnsearch.tuning.worker.channel import Channel
channel = Channel()
"""
CHATTER = """
print("a library's chatter")
os.write(1, b"and that of a C library\\n")
channel.send("ready", stop=channel.stop_requested)
patience = time.monotonic() + 60
while not channel.stop_requested and time.monotonic() < patience:
    time.sleep(0.01)
channel.send("bye", stop=channel.stop_requested, name="ä")
"""


def start(program: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", program]
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_only_events_reach_the_supervisor_and_chatter_the_log() -> None:
    worker = start(OPEN + CHATTER)
    assert worker.stdout is not None
    first = worker.stdout.readline()
    others, errors = worker.communicate()  # closes its standard input

    assert [json.loads(line) for line in (first, *others.splitlines())] == [
        {"event": "ready", "stop": False},
        {"event": "bye", "stop": True, "name": "ä"},
    ]
    assert "a library's chatter" in errors
    assert "and that of a C library" in errors


def test_a_supervisor_that_is_gone_is_a_reason_to_stop_and_no_error() -> None:
    talk = "while not channel.stop_requested: channel.send('look'); time.sleep(0.001)"
    program = f"{OPEN}\n{talk}\nprint('stopped')"
    with start(program) as worker:
        assert worker.stdout is not None
        assert worker.stderr is not None
        worker.stdout.readline()
        worker.stdout.close()  # and its standard input stays open

        assert worker.stderr.read() == "stopped\n"

    assert worker.returncode == 0


def test_a_worker_may_stop_itself() -> None:
    channel = Channel.__new__(Channel)
    channel._stop, channel._words = threading.Event(), SimpleQueue()

    channel.request_stop()

    assert channel.stop_requested


def test_progress_is_due_about_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    channel, now = Channel.__new__(Channel), [100.0]
    channel._last_progress = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    due = []
    for _ in range(30):
        due.append(channel.progress_is_due())
        now[0] += 0.1

    assert sum(due) == 3
    assert due[0]
