"""Image files by path, folder or pattern, brought to the shape that a network takes."""

from __future__ import annotations

import glob
import os
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
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
    """A file that could not be decoded, or an argument that means none, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Batch:
    """Images `(images, height, width, channels)` with their files, and files without."""

    paths: tuple[Path, ...]
    pixels: NDArray[np.uint8]
    unreadable: tuple[Unreadable, ...]


@dataclass(frozen=True)
class Found:
    """The files that are meant, and the arguments that mean none."""

    paths: tuple[Path, ...]
    missing: tuple[Unreadable, ...]


def find_images(arguments: Sequence[str]) -> Found:
    """Return the files that are meant, each once, in the order given; those of a folder sorted.

    Args:
        arguments: Paths of files, whatever their names end with; folders, for the images in them
            at any depth; patterns with `*`, `?`, `[...]` and `**`.

    Raises:
        DataError: None of them means a file.
    """
    found = [_meant(argument) for argument in arguments]
    missing = [each for each in found if isinstance(each, Unreadable)]
    if len(missing) == len(found):
        lines = (f"{printable(str(each.path))}: {each.reason}" for each in missing)
        raise DataError("\n".join(lines))
    paths = chain.from_iterable(each for each in found if not isinstance(each, Unreadable))
    return Found(tuple(dict.fromkeys(paths)), tuple(dict.fromkeys(missing)))


def _meant(argument: str) -> list[Path] | Unreadable:
    path = Path(argument).expanduser()
    try:
        return _files_of(path)
    except OSError as error:
        return Unreadable(Path(error.filename or path), f"cannot be read ({error.strerror})")


def _files_of(path: Path) -> list[Path] | Unreadable:
    if os.path.isdir(path):  # noqa: PTH112  # unlike Path.is_dir, it never raises
        return _in_folder(path)
    if os.path.lexists(path):
        return [path]
    if not glob.has_magic(str(path)):
        return Unreadable(path, "there is no such file or folder")
    matches = [Path(each) for each in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207  # Path.glob takes no absolute pattern
    files = [match for match in matches if not match.is_dir()]
    return files or Unreadable(path, "no file has a name of this pattern")


def _in_folder(folder: Path) -> list[Path] | Unreadable:
    found = [path for path in walk(folder) if path.suffix.lower() in SUFFIXES]
    kinds = " ".join(sorted(SUFFIXES))
    return found or Unreadable(folder, f"holds no image (of the kinds {kinds})")


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
    found = attempt(lambda file: decode_to(file.read_bytes(), shape), path)
    return Unreadable(path, found) if isinstance(found, str) else found
