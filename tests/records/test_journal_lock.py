"""The journal's lock: one writer at a time, and a killed one keeps nobody out."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.records.conftest import add_trial

from cnnsearch.records.journal_lock import FlockLock
from cnnsearch.records.study import Study, open_study

HOLD = """
import sys, time
from pathlib import Path
from cnnsearch.records.journal_lock import FlockLock
lock = FlockLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
time.sleep(600)
"""


def is_held(journal: Path) -> bool:
    """Return whether somebody holds the journal's lock."""
    with journal.with_name(".study.journal.lock").open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_a_lock_holds_until_it_is_given_back(journal: Path) -> None:
    lock = FlockLock(journal)

    assert lock.acquire()
    held = is_held(journal)
    lock.release()

    assert held
    assert not is_held(journal)


def test_giving_back_twice_does_no_harm(journal: Path) -> None:
    lock = FlockLock(journal)
    lock.acquire()
    lock.release()
    lock.release()

    assert not is_held(journal)


def test_a_killed_writer_keeps_nobody_out(study: Study, journal: Path) -> None:
    program = [sys.executable, "-c", HOLD, str(journal)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        held = is_held(journal)
        process.send_signal(signal.SIGKILL)

    add_trial(study)

    assert held
    assert len(open_study(journal).trials()) == 1


def test_the_study_writes_under_the_lock(
    study: Study, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []
    release = FlockLock.release

    def note_and_release(lock: FlockLock) -> None:
        held.append(is_held(journal))
        release(lock)

    monkeypatch.setattr(FlockLock, "release", note_and_release)
    add_trial(study)

    assert held == [True]


def test_what_a_killed_writer_left_is_cut_off_before_another_writes(
    study: Study, journal: Path
) -> None:
    other = open_study(journal)
    add_trial(study)
    with journal.open("ab") as file:
        file.write(b'{"op_code":4,"worker')

    add_trial(other)
    add_trial(study)

    assert [trial.number for trial in study.trials()] == [0, 1, 2]
    assert [trial.number for trial in open_study(journal).trials()] == [0, 1, 2]
    assert b'{"op_code":4,"worker{' not in journal.read_bytes()
