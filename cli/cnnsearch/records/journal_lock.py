"""A lock for Optuna's journal file that the system frees when its process dies."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO


class FlockLock:
    """Exclusive `flock` on a file beside the journal; the shape of Optuna's journal locks."""

    def __init__(self, journal: Path) -> None:
        self._path = journal.with_name(f".{journal.name}.lock")
        self._file: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Wait for the lock and take it."""
        self._file = self._path.open("wb")
        fcntl.flock(self._file, fcntl.LOCK_EX)
        return True

    def release(self) -> None:
        """Give the lock back."""
        if self._file is not None:
            self._file.close()
            self._file = None
