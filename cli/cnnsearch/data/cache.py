"""Decoded images on disk, so that a folder of photos is decoded once and memory-mapped after.

An entry is a folder named by a key that covers all it was made from; it is renamed into place when
it is complete. Only the latest few are kept. Nothing depends on the cache but time.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KEPT = 4  # entries
UNFINISHED = ".unfinished-"
STALE_S = 24 * 3600  # an unfinished entry this old was left by a process that was killed


def cache_folder() -> Path:
    """Return the folder of decoded images in the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).expanduser() / "cnnsearch" / "images"


def load(key: str) -> tuple[NDArray[np.uint8], dict[str, Any]] | None:
    """Return the memory-mapped images and the facts of an entry; None where there is none."""
    import numpy as np

    entry = cache_folder() / key
    try:
        facts = json.loads((entry / "facts.json").read_text(encoding="utf-8"))
        images = np.load(entry / "images.npy", mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return None
    with suppress(OSError):  # a cache that we may only read: the entry just looks older
        os.utime(entry)
    return images, facts


def store(
    key: str,
    images: Iterable[NDArray[np.uint8]],
    shape: tuple[int, ...],
    facts: Callable[[], dict[str, Any]],
) -> None:
    """Write an entry and put it in place.

    Args:
        key: Of the entry.
        images: Parts that together have `shape`, taken one after the other.
        shape: `(examples, height, width, channels)`.
        facts: Asked for when all images are written.

    Raises:
        OSError: The cache cannot be written; nothing is left behind.
    """
    root = cache_folder()
    root.mkdir(parents=True, exist_ok=True)
    _prune(root, KEPT - 1)
    folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=root))
    try:
        with (folder / "images.npy").open("wb") as file:
            _write_header(file, shape)
            for part in images:
                file.write(part.tobytes())
        (folder / "facts.json").write_text(json.dumps(facts()), encoding="utf-8")
        if (root / key).exists():  # damaged, or another process was quicker
            shutil.rmtree(root / key)
        folder.rename(root / key)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_header(file: IO[bytes], shape: tuple[int, ...]) -> None:
    """Begin a `.npy` of bytes."""
    import numpy as np

    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(cast(Any, file), header)


def has_room_for(size_bytes: int) -> bool:
    """Tell whether the cache's disk has that much free, and some more to spare."""
    folder = cache_folder()
    while not folder.exists():
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free > 1.1 * size_bytes
    except OSError:
        return False


def _prune(root: Path, keep: int) -> None:
    """Remove all but the entries used last, and what killed processes left."""
    entries = [(path.stat().st_mtime, path) for path in root.iterdir() if path.is_dir()]
    finished = sorted(entry for entry in entries if not entry[1].name.startswith(UNFINISHED))
    unfinished = [entry for entry in entries if entry[1].name.startswith(UNFINISHED)]
    gone = finished[: max(0, len(finished) - keep)]
    gone += [entry for entry in unfinished if entry[0] < time.time() - STALE_S]
    for _, path in gone:
        shutil.rmtree(path, ignore_errors=True)
