"""A worker's words reach its supervisor unspoilt, and the supervisor's end is the wish to stop."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from cnnsearch.tuning.worker.channel import Channel

WORKER = """
import os, sys, time
from cnnsearch.tuning.worker.channel import Channel
channel = Channel()
print("a library's chatter")
os.write(1, b"and that of a C library\\n")
channel.send("ready", stop=channel.stop_requested)
patience = time.monotonic() + 60
while not channel.stop_requested and time.monotonic() < patience:
    time.sleep(0.01)
channel.send("bye", stop=channel.stop_requested, name="ä")
"""


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


def test_only_events_reach_the_supervisor_and_chatter_the_log(
    worker: subprocess.Popen[str],
) -> None:
    assert worker.stdout is not None
    first = worker.stdout.readline()
    others, errors = worker.communicate()  # closes its standard input

    assert [json.loads(line) for line in (first, *others.splitlines())] == [
        {"event": "ready", "stop": False},
        {"event": "bye", "stop": True, "name": "ä"},
    ]
    assert "a library's chatter" in errors
    assert "and that of a C library" in errors


def test_a_supervisor_that_is_gone_is_a_reason_to_stop_and_no_error(
    worker: subprocess.Popen[str],
) -> None:
    assert worker.stdout is not None
    assert json.loads(worker.stdout.readline())["event"] == "ready"
    worker.stdout.close()

    worker.communicate()

    assert worker.returncode == 0


def test_a_worker_may_stop_itself() -> None:
    channel = Channel.__new__(Channel)
    channel._stop = threading.Event()

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
