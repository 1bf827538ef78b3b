"""Reader of `.npz` files that trusts them with nothing: neither with pickles nor with memory."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnsearch.errors import DataError
from cnnsearch.machine.memory import total_bytes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXPECTED = (
    "x_train, y_train, x_test and y_test (and perhaps x_validation and y_validation), or x and y"
)
SHORT_KEYS = {"x_val": "x_validation", "y_val": "y_validation"}
MEMORY_SHARE = 0.5  # of all memory, that a dataset may take: splitting copies it
USUAL_BYTES = 8 << 30  # of a machine that does not tell


@dataclass(frozen=True)
class _Member:
    """What the header of one array in the archive says."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def size_bytes(self) -> int:
        size = self.dtype.itemsize
        for length in self.shape:
            size *= length
        return size


def memory_limit_bytes() -> int:
    """Return how much memory a dataset may take on this machine, or in its container, in bytes."""
    return int(MEMORY_SHARE * (total_bytes() or USUAL_BYTES))


def read_archive(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a dataset in an `.npz`, those of other names left out.

    Raises:
        DataError: Not such a file, damaged, with Python objects in it, too large, or without the
            arrays expected.
    """
    import numpy as np

    try:
        with zipfile.ZipFile(path) as archive:
            wanted = _wanted(path, {name.removesuffix(".npy"): name for name in archive.namelist()})
            _check_sizes(path, {key: _header(path, archive, name) for key, name in wanted.items()})
            arrays = {}
            for key, name in wanted.items():
                with archive.open(name) as member:
                    arrays[key] = np.lib.format.read_array(member, allow_pickle=False)
            return arrays
    except zipfile.BadZipFile as error:
        raise DataError(
            f"{path}: not an .npz, or truncated ({error}); numpy.savez_compressed writes one"
        ) from error
    except (EOFError, ValueError, zlib.error, OSError, RuntimeError, NotImplementedError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error
    except MemoryError as error:
        raise DataError(
            f"{path}: does not fit in the memory of this machine or container; make it smaller"
        ) from error


def _wanted(path: Path, names: dict[str, str]) -> dict[str, str]:
    """Return the members to read, by key."""
    for short, usual in SHORT_KEYS.items():
        if short in names and usual not in names:
            names[usual] = names.pop(short)
    if {"x_train", "y_train", "x_test", "y_test"} <= names.keys():
        keys = ["x_train", "y_train", "x_test", "y_test"]
    elif {"x", "y"} <= names.keys():
        keys = ["x", "y"]
    else:
        hint = (
            "; a file without a test split calls its arrays x and y"
            if {"x_train", "y_train"} <= names.keys()
            else ""
        )
        raise DataError(
            f"{path}: holds {', '.join(sorted(names)[:12]) or 'nothing'}; expected {EXPECTED}{hint}"
        )
    given = [key for key in ("x_validation", "y_validation") if key in names]
    if len(given) == 1:
        raise DataError(
            f"{path}: has {given[0]} alone; expected both x_validation and y_validation, or neither"
        )
    keys += given
    return {key: names[key] for key in (*keys, "classes") if key in names}


def _header(path: Path, archive: zipfile.ZipFile, name: str) -> _Member:
    """Read an array's header, and check that the archive holds as many bytes as it announces."""
    import numpy as np

    with archive.open(name) as file:
        version = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0
            if version == (1, 0)
            else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = read(file)
        header_bytes = file.tell()
    if dtype.hasobject:
        raise DataError(
            f"{path}: {name.removesuffix('.npy')} holds Python objects (a pickle), which are "
            "never loaded; save plain arrays"
        )
    member = _Member(shape, dtype)
    if archive.getinfo(name).file_size != header_bytes + member.size_bytes:
        raise DataError(
            f"{path}: {name} announces {member.size_bytes:,} bytes and holds another number; save "
            "it again"
        )
    return member


def _check_sizes(path: Path, members: dict[str, _Member]) -> None:
    """Raise where the arrays would not fit in memory."""
    total, limit = sum(member.size_bytes for member in members.values()), memory_limit_bytes()
    if total > limit:
        raise DataError(
            f"{path}: unpacks to {total / 2**30:,.1f} GiB, more than this machine or "
            f"container takes ({limit / 2**30:,.1f} GiB); "
            "use uint8, fewer or smaller images"
        )
