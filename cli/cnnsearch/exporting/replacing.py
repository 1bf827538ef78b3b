"""A folder that is replaced as a whole or not at all, whatever stops the writing."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from cnnsearch.records.files import PARTIAL


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill, which takes the place of `target` when all went well.

    What lay at `target` stays until then. Of what a killed process left, the older folder counts.
    """
    restore(target)
    partial = target.with_name(f".{target.name}{PARTIAL}")
    before = _before(target)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        if target.exists():
            target.rename(before)
        partial.rename(target)
    except BaseException:
        restore(target)
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)  # there only where something went wrong
    shutil.rmtree(before, ignore_errors=True)


def restore(target: Path) -> None:
    """Undo what a process began that was killed between the two renames."""
    before = _before(target)
    if before.exists() and not target.exists():
        before.rename(target)
    shutil.rmtree(before, ignore_errors=True)


def _before(target: Path) -> Path:
    return target.with_name(f".{target.name}.before")
