"""Notices that the process has grown: TensorFlow gives some memory back only when it ends."""

from __future__ import annotations

import os
from pathlib import Path

SETTLED_AFTER = 5  # trials until caches and thread pools have their usual size
GROWTH = 1.4  # times the settled size (no files: no libraries), when a fresh process takes over


class MemoryWatch:
    """Compares the process's memory after each trial with what it was when it had settled."""

    def __init__(self) -> None:
        self._trials = 0
        self._settled_bytes = 0

    def has_grown(self) -> bool:
        """Take in one more finished trial, and tell whether the process should be replaced."""
        self._trials += 1
        now = resident_bytes()
        if self._trials <= SETTLED_AFTER:
            self._settled_bytes = max(self._settled_bytes, now)
            return False
        return now > GROWTH * self._settled_bytes


def resident_bytes() -> int:
    """Return the bytes of RAM that the process holds; 0 where the system does not tell.

    Pages of files do not count: the system takes those of a dataset on the disk back when it needs
    them, and they would look like growth for as long as the first pass over it lasts.
    """
    try:
        resident, of_files = Path("/proc/self/statm").read_text(encoding="ascii").split()[1:3]
        return (int(resident) - int(of_files)) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0
