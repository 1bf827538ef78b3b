"""How a worker's memory and a run's folder grow over many short trials, and the share of training.

Runs a whole search in a folder of its own, and reads the workers' memory from Linux' /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from cnnsearch.records.events import read_events

EARLY = 10  # trials after which the first peak is taken
MOST_RATIO, LEAST_SHARE, MOST_DISK = 1.3, 0.9, "200 MB for 200 trials"
EVERY_S = 0.1
PROCESSES = Path("/proc")
SHORT = ("training.epochs=1", "data.image_size=14")  # a look, and an end, after seconds


class Memory:
    """What the workers of one run have held, by the trials that had ended by then."""

    def __init__(self, events: Path) -> None:
        self.workers: list[int] = []  # process numbers, in order
        self.most_disk = 0  # bytes of the run's folder, at most, read after each trial
        self._events = events
        self._peaks: dict[int, int] = {}  # trials ended -> largest peak of any worker so far, KiB
        self._resident: dict[int, int] = {}  # trials ended -> what was held last, KiB

    def look(self) -> None:
        """Read the memory of the worker in charge, as long as it searches."""
        events = read_events(self._events)
        self.workers = [event["pid"] for event in events if event["event"] == "worker_started"]
        finishing = any(event.get("phase") == "finish" for event in events)
        if self.workers and not finishing:
            status = _status_kib(self.workers[-1])
            ended = sum(event["event"] == "trial_ended" for event in events)
            if ended not in self._peaks:
                self.most_disk = max(self.most_disk, _disk_bytes(self._events.parent))
            self._peaks[ended] = max(status["VmHWM"], *self._peaks.values(), 0)
            self._resident[ended] = status["VmRSS"]

    def peak_mib(self, trials: int) -> float:
        """Return the largest peak of any worker during the first so many trials."""
        return (
            max((self._peaks[ended] for ended in self._peaks if ended < trials), default=0) / 1024
        )

    def resident_mib(self, trials: int) -> float:
        """Return what was held at the last look of trial number `trials`."""
        return self._resident.get(trials - 1, 0) / 1024


def main() -> None:
    """Print memory and timing, and the rows for the table of the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=60, help="Trials to run; 60.")
    parser.add_argument("--space", default="default", help="Search space; default.")
    parser.add_argument(
        "--set",
        action="append",
        metavar="PATH=VALUE",
        help=f"As of `cnnsearch run`; {' '.join(SHORT)}.",
    )
    options = parser.parse_args()
    if not PROCESSES.exists():
        parser.error(f"needs {PROCESSES}, which Linux has")
    with tempfile.TemporaryDirectory(prefix="worker-memory-") as runs:
        overrides = options.set or SHORT
        memory = _search(Path(runs), options.space, options.trials, overrides)
        left = _disk_bytes(Path(runs))
        timing = _timing(Path(runs))
    for trials in range(EARLY, options.trials + 1, EARLY):
        held = f"{memory.resident_mib(trials):,.0f} MiB held, peak {memory.peak_mib(trials):,.0f}"
        print(f"{trials:4} trials: {held} MiB")
    print("\n| benchmark | figure | aim | how | machine |\n|---|---|---|---|---|")
    _print_rows(memory, timing, left, options.trials)


def _search(runs: Path, space: str, trials: int, overrides: Iterable[str]) -> Memory:
    """Run a whole search, and watch its workers until it ends."""
    command = [sys.executable, "-m", "cnnsearch", "run", space, "--budget", "10h"]
    command += ["--trials", str(trials), "--runs", str(runs), "--name", "short"]
    command += [part for override in overrides for part in ("--set", override)]
    memory = Memory(runs / "short" / "events.jsonl")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as search:
        while search.poll() is None:
            memory.look()
            time.sleep(EVERY_S)
    if search.returncode:
        sys.exit(f"the search ended with exit code {search.returncode}")
    return memory


def _timing(runs: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "cnnsearch", "show", "short", "--runs", str(runs), "--json"]
    shown = subprocess.run(command, capture_output=True, check=True)
    timing: dict[str, Any] = json.loads(shown.stdout)["timing"]
    return timing


def _print_rows(memory: Memory, timing: dict[str, Any], left: int, trials: int) -> None:
    early, late = memory.peak_mib(EARLY), memory.peak_mib(trials)
    workers = f"{len(memory.workers)} worker" + "s" * (len(memory.workers) > 1)
    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    how = f"{early:,.0f} MiB, then {late:,.0f} MiB, {workers}"
    name = f"`worker_memory.py`, peak after {trials} trials by that after {EARLY}"
    print(f"| {name} | {late / early:.2f} | at most {MOST_RATIO} | {how} | {machine} |")
    most = max(memory.most_disk, left)
    name = f"`worker_memory.py`, the run's folder at its largest over {trials} trials"
    how = f"{left / 1e6:.1f} MB at the end"
    print(f"| {name} | {most / 1e6:.1f} MB | {MOST_DISK} | {how} | {machine} |")
    share = timing["training_share"]
    how = f"{timing['fit_s'] + timing['evaluate_s']:.0f} s of {timing['search_s']:.0f} s"
    name = "`worker_memory.py`, share of the search in fit and evaluation"
    print(f"| {name} | {share:.1%} | at least {LEAST_SHARE:.0%} | {how} | {machine} |")


def _disk_bytes(folder: Path) -> int:
    """Return what the files of a folder take on the disk; some may go while it looks."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += path.lstat().st_blocks * 512
    return total


def _status_kib(pid: int) -> dict[str, int]:
    """Return the memory lines of /proc/PID/status, in KiB; zeros when the process has gone."""
    found = {"VmHWM": 0, "VmRSS": 0}
    try:
        lines = (PROCESSES / str(pid) / "status").read_text(encoding="ascii").splitlines()
    except OSError:
        return found
    return found | {line.split(":")[0]: int(line.split()[1]) for line in lines if "kB" in line}


if __name__ == "__main__":
    main()
