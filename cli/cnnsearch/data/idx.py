"""Reader of IDX, the file format of MNIST and its followers (yann.lecun.com/exdb/mnist)."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from cnnsearch.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNSIGNED_BYTE = 0x08  # third byte of the magic number; the fourth is the number of dimensions


def unpack(path: Path) -> bytes:
    """Return the unpacked content of a `.gz`.

    Raises:
        DataError: The file cannot be read, or is truncated or damaged.
    """
    try:
        with gzip.open(path) as file:
            return file.read()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{path}: cannot be unpacked ({error}); delete it and fetch it again"
        ) from error


def parse_idx(content: bytes, path: Path) -> NDArray[np.uint8]:
    """Return the array of unsigned bytes in an unpacked IDX file; `path` is named in errors.

    Raises:
        DataError: It is not IDX of unsigned bytes, or the length is not what its header says.
    """
    import numpy as np

    start = 4 + 4 * content[3] if len(content) >= 4 else 4  # past the lengths of the dimensions
    if len(content) < start or content[:3] != bytes((0, 0, UNSIGNED_BYTE)):
        raise DataError(f"{path}: not an IDX file of unsigned bytes; delete it and fetch it again")
    shape = struct.unpack(f">{content[3]}I", content[4:start])
    if len(content) - start != math.prod(shape):
        raise DataError(
            f"{path}: holds {len(content) - start:,} bytes after its header, which announces "
            f"{math.prod(shape):,}; delete it and fetch it again"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)
