"""Image files by path, folder or pattern, brought to the shape that a network takes."""

from __future__ import annotations

import glob
import os
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cnnsearch.data.decoding import attempt
from cnnsearch.data.folders import SUFFIXES, printable, walk
from cnnsearch.data.images import decode_to
from cnnsearch.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Unreadable:
    """A file that could not be decoded, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Batch:
    """Images `(images, height, width, channels)` with their files, and files without."""

    paths: tuple[Path, ...]
    pixels: NDArray[np.uint8]
    unreadable: tuple[Unreadable, ...]


def find_images(arguments: Sequence[str]) -> list[Path]:
    """Return the files that are meant, each once, in the order given; those of a folder sorted.

    Args:
        arguments: Paths of files, whatever their names end with; folders, for the images in them
            at any depth; patterns with `*`, `?`, `[...]` and `**`.

    Raises:
        DataError: There is no such file, a folder has no image or a pattern no match.
    """
    try:
        found = [path for argument in arguments for path in _meant(argument)]
    except OSError as error:
        raise DataError(f"{error.filename}: cannot be read ({error.strerror})") from error
    return list(dict.fromkeys(found))


def _meant(argument: str) -> list[Path]:
    path = Path(argument).expanduser()
    if os.path.isdir(path):  # noqa: PTH112  # unlike Path.is_dir, it never raises
        return _in_folder(path)
    if os.path.lexists(path):
        return [path]
    if not glob.has_magic(argument):
        raise DataError(f"{printable(argument)}: there is no such file or folder")
    matches = [Path(each) for each in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207  # Path.glob takes no absolute pattern
    files = [match for match in matches if not match.is_dir()]
    if not files:
        raise DataError(f"{printable(argument)}: no file has a name of this pattern")
    return files


def _in_folder(folder: Path) -> list[Path]:
    found = [path for path in walk(folder) if path.suffix.lower() in SUFFIXES]
    if not found:
        raise DataError(
            f"{printable(str(folder))}: holds no image (of the kinds {' '.join(sorted(SUFFIXES))})"
        )
    return found


def decoded_batches(
    paths: Sequence[Path], shape: tuple[int, int, int], batch_images: int
) -> Iterator[Batch]:
    """Decode the files by several threads and give them in order, `batch_images` at a time.

    Args:
        paths: The files.
        shape: Height, width and channels to bring each image to.
        batch_images: How many files are in memory at once.
    """
    with warnings.catch_warnings():  # Pillow's, about oddities in the files; failures are reported
        warnings.filterwarnings("ignore", module="PIL")
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            for start in range(0, len(paths), batch_images):
                part = paths[start : start + batch_images]
                found = list(pool.map(lambda path: _decoded(path, shape), part))
                yield _batch(part, found, shape)


def _batch(
    paths: Sequence[Path],
    found: Sequence[NDArray[np.uint8] | Unreadable],
    shape: tuple[int, int, int],
) -> Batch:
    import numpy as np

    unreadable = tuple(each for each in found if isinstance(each, Unreadable))
    pixels = [each for each in found if not isinstance(each, Unreadable)]
    lost = {each.path for each in unreadable}
    return Batch(
        tuple(path for path in paths if path not in lost),
        np.stack(pixels) if pixels else np.empty((0, *shape), np.uint8),
        unreadable,
    )


def _decoded(path: Path, shape: tuple[int, int, int]) -> NDArray[np.uint8] | Unreadable:
    found = attempt(lambda: decode_to(path.read_bytes(), shape))
    return Unreadable(path, found) if isinstance(found, str) else found
