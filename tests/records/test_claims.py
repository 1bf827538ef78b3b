"""A claim lasts as long as its process, and no longer."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cnnsearch.records.claims import held, is_held

HOLD = """
import sys, time
from pathlib import Path
from cnnsearch.records.claims import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_claim_is_held_until_it_is_let_go(tmp_path: Path) -> None:
    with held(tmp_path / "claim"):
        during = is_held(tmp_path / "claim")

    assert during
    assert not is_held(tmp_path / "claim")


def test_a_claim_of_another_is_refused_where_it_is_not_waited_for(tmp_path: Path) -> None:
    with (
        held(tmp_path / "claim"),
        pytest.raises(BlockingIOError),
        held(tmp_path / "claim", wait=False),
    ):
        pass

    with held(tmp_path / "claim", wait=False):
        assert is_held(tmp_path / "claim")


def test_nobody_holds_what_nobody_has_claimed(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "claim")
    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    program = [sys.executable, "-c", HOLD, str(tmp_path / "claim")]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        before = is_held(tmp_path / "claim")
        process.send_signal(signal.SIGKILL)

    assert before
    assert not is_held(tmp_path / "claim")
