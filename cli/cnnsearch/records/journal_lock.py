"""A lock for Optuna's journal file that the system frees when its process dies."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from cnnsearch.records.files import cut_broken_tail, ends_with_newline


class FlockLock:
    """Exclusive `flock` on a file beside the journal; the shape of Optuna's journal locks.

    Who takes it cuts off what a writer killed in the middle of a line has left: the next line
    would be spoilt by it, for good.
    """

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._path = journal.with_name(f".{journal.name}.lock")
        self._file: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Wait for the lock and take it."""
        self._file = self._path.open("wb")
        fcntl.flock(self._file, fcntl.LOCK_EX)
        if self._journal.exists() and not ends_with_newline(self._journal):
            cut_broken_tail(self._journal)
        return True

    def release(self) -> None:
        """Give the lock back."""
        if self._file is not None:
            self._file.close()
            self._file = None
