"""A control group of Linux: the kernel kills one of its processes where they hold too much."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from cnnsearch.machine.control_groups import own_groups
from cnnsearch.tuning.starved import memory_kills

# Of version 2 and of version 1; without swapping, for which no kernel would kill.
_LIMITS = ("memory.max", "memory.limit_in_bytes")
_SWAP = ("memory.swap.max", "memory.swappiness")
_PATIENCE_S = 10.0


class MemoryGroup:
    """A control group that was made for a test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def enter(self) -> tuple[str, ...]:
        """Return the words that, before a command, let it run in the group."""
        return "sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(self._folder)

    @property
    def kills(self) -> int:
        """Return how many of its processes the kernel has killed for want of memory."""
        return memory_kills(self._folder / name for name in ("memory.events", "memory.oom_control"))

    def limit(self, most: int) -> None:
        """Let its processes hold so many bytes together."""
        for names, value in ((_SWAP, 0), (_LIMITS, most)):
            for file in (self._folder / name for name in names):
                if file.exists():
                    file.write_text(f"{value}\n", encoding="ascii")

    def remove(self) -> None:
        """End what is left in it, and the group."""
        patience = time.monotonic() + _PATIENCE_S
        while self._kill_all() and time.monotonic() < patience:
            time.sleep(0.05)
        self._folder.rmdir()

    def _kill_all(self) -> bool:
        pids = (self._folder / "cgroup.procs").read_text(encoding="ascii").split()
        for pid in map(int, pids):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(pids)


def make_memory_group(name: str) -> MemoryGroup | None:
    """Return a new group within one of this process's groups; None where none can be made."""
    for parent in own_groups("memory"):
        folder = parent / name
        with suppress(OSError):
            folder.mkdir()
            group = MemoryGroup(folder)
            if _is_usable(group, folder):
                return group
            folder.rmdir()
    return None


def _is_usable(group: MemoryGroup, folder: Path) -> bool:
    if not any((folder / name).exists() for name in _LIMITS):
        return False
    entered = subprocess.run([*group.enter, "true"], capture_output=True, check=False)
    return entered.returncode == 0
