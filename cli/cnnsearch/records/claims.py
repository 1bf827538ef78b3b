"""Who works on what: locks on files, which the system frees when their process dies."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def held(path: Path, *, wait: bool = True) -> Iterator[IO[bytes]]:
    """Hold the lock on `path`; where another process has it, wait for it, if that is wanted.

    Raises:
        BlockingIOError: Another process has it, and it is not waited for.
    """
    with path.open("ab") as file:
        if os.name != "nt":  # no flock there, and one worker only
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield file


def is_held(path: Path) -> bool:
    """Tell whether a living process holds the lock on `path`."""
    if os.name == "nt":
        return False
    import fcntl

    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    except OSError:  # nobody has ever held it
        return False
