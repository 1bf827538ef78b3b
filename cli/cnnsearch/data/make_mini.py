"""Make `fashion-mnist-mini.npz` again: `python -m cnnsearch.data.make_mini`.

A class-balanced part of Fashion-MNIST, drawn with a fixed seed: the images of each class with the
smallest keys, in the original order. The zip's timestamps are fixed, so that the same zlib gives
the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnsearch.data.cards import read_card
from cnnsearch.data.fashion_mnist import find_files, read_arrays
from cnnsearch.data.splits import first_per_class, random_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 20170828  # the day of the dataset's paper on arXiv (1708.07747)
PER_CLASS = {"train": 1_000, "test": 200}
EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can hold


def choose(
    arrays: Mapping[str, NDArray[Any]], per_class: Mapping[str, int], seed: int
) -> dict[str, NDArray[Any]]:
    """Return `per_class[split]` images of each class, with labels, in the original order."""
    import numpy as np

    chosen = {}
    for split, amount in per_class.items():
        labels = arrays[f"y_{split}"]
        amounts = {int(label): amount for label in np.unique(labels)}
        indices = first_per_class(labels, amounts, random_keys(len(labels), seed))
        chosen[f"x_{split}"], chosen[f"y_{split}"] = arrays[f"x_{split}"][indices], labels[indices]
    return chosen


def pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the arrays as a compressed `.npz` that is the same, byte for byte, each time."""
    import numpy as np

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for key, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(
                member, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False
            )
            entry = zipfile.ZipInfo(f"{key}.npy", EARLIEST)
            entry.compress_type, entry.external_attr, entry.create_system = (
                zipfile.ZIP_DEFLATED,
                0o644 << 16,
                3,
            )
            archive.writestr(entry, member.getvalue(), compresslevel=9)
    return file.getvalue()


def found_here() -> bool:
    """Tell whether the full dataset is on this machine."""
    return find_files() is not None


def make() -> dict[str, NDArray[Any]]:
    """Return the arrays of the small dataset.

    Raises:
        DataError: The full dataset cannot be found.
    """
    _, arrays = read_arrays(read_card("fashion-mnist"))
    return choose(arrays, PER_CLASS, SEED)


def main() -> int:
    """Write the file anew; return 0 when its checksum is the card's, else 1."""
    card = read_card("fashion-mnist-mini")
    content = pack(make())
    path = Path(card.folder) / card.file
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    print(f"{path}: {len(content):,} bytes, sha256 {digest}")
    if digest != card.sha256.get(card.file):
        print(
            "The checksum is not the card's: another zlib packs the same images differently.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
