"""A disk that is truly full: a small file system in memory, filled to its last page."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.tuning.conftest import PATIENCE_S, Runner

SIZE = "32m"  # for a tiny run many times over
PAGE = bytes(4096)


class Disk:
    """The file system that runs are written to."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Take all space that is left, to the last page."""
        with suppress(OSError), self._filler.open("ab", buffering=0) as file:
            while True:
                file.write(PAGE)

    def keep_full(self, process: subprocess.Popen[str]) -> None:
        """Take what the process gives back too, until it has ended."""
        patience = time.monotonic() + PATIENCE_S
        while process.poll() is None and time.monotonic() < patience:
            self.fill()
            time.sleep(0.02)

    def free(self) -> None:
        """Give the space back."""
        self._filler.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Return the disk of `runs/`; it comes before `runner`, whose processes write to it."""
    folder = tmp_path / "runs"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    mounted = shutil.which("mount") and subprocess.run(command, capture_output=True, check=False)
    if not mounted or mounted.returncode != 0:
        pytest.skip("no file system can be mounted here: it takes Linux and root")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("workers", "event"),
    [
        ("2", "trial_ended"),
        pytest.param("1", "trial_ended", marks=pytest.mark.exhaustive),
        pytest.param("1", "search_ended", marks=pytest.mark.exhaustive),
    ],
)
def test_a_full_disk_stops_the_run_and_costs_no_trial(
    disk: Disk, runner: Runner, workers: str, event: str
) -> None:
    run = runner.start("run", "tiny.yaml", "--name", "r", "--workers", workers)
    runner.wait_for(event)
    disk.keep_full(run)
    stopped, _, told = runner.end(run)
    disk.free()
    before = runner.finished()

    code, _, errors = runner.end(runner.start("resume", "r", "--workers", workers))

    assert stopped == 75, told
    assert "the disk is full" in told
    assert "cnnsearch resume" in told
    assert code == 0, errors
    after = runner.finished()
    assert before
    assert [trial for trial in after if trial in before] == before
    assert [trial.number for trial in after] == [0, 1, 2, 3, 4]


def test_a_run_that_finds_no_space_leaves_its_name_free(disk: Disk, runner: Runner) -> None:
    disk.fill()

    code, _, errors = runner.end(runner.start("run", "tiny.yaml", "--name", "r"))

    assert code == 75, errors
    assert "the disk is full" in errors
    assert not runner.run.path.exists()
