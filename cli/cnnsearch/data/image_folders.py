"""A folder of images to a dataset."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from cnnsearch.data.checks import check_labels
from cnnsearch.data.dataset import Dataset
from cnnsearch.data.decoding import Progress, decode_files
from cnnsearch.data.folders import ImageFile, Listing, list_folder
from cnnsearch.data.splits import Preparation, complete_splits, stratified_split

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LICENCES = ("LICENSE", "LICENCE", "LICENSE.txt", "LICENCE.txt", "LICENSE.md")


def from_folder(root: Path, wanted: Preparation, *, progress: Progress | None = None) -> Dataset:
    """Open a folder of images and split what it has not split.

    An image's side is decided by its path: as the folder grows, the images that were tested on
    before are tested on again, but for a few.

    Args:
        root: One sub-folder a class, or train/, validation/ and test/ with these.
        wanted: How to split and size them.
        progress: Told how many images are decoded.

    Raises:
        DataError: The folder or its images cannot be used.
    """
    listing, splits, notes = split_files(root, wanted)
    order = ("train", "validation", "test")
    files = list(chain.from_iterable(splits[split] for split in order))
    decoded = decode_files(files, wanted.image_size, progress)
    parts, start = {}, 0
    for split in order:
        end = start + len(splits[split])
        parts[split] = decoded.pixels[start:end], _labels(splits[split])
        start = end
    notes += [listing.note(), _shared(decoded.digests, len(splits["test"]))]
    fingerprint = _fingerprint(listing.classes, wanted.image_size, files, decoded.digests)
    return Dataset(
        root.resolve().name or "images",
        str(root),
        listing.classes,
        *parts["train"],
        *parts["validation"],
        *parts["test"],
        _licence(root),
        fingerprint,
        tuple(note for note in notes if note),
    )


def split_files(
    root: Path, wanted: Preparation
) -> tuple[Listing, dict[str, list[ImageFile]], list[str]]:
    """Return what a folder holds, its files in three splits, and notes on how they were made.

    Raises:
        DataError: The folder cannot be used.
    """
    listing = list_folder(root)
    labels = {split: _labels(files) for split, files in listing.files.items()}
    least = 1 + ("test" not in labels) + ("validation" not in labels)
    check_labels(labels, listing.classes, str(root), least=least)
    return listing, *complete_splits(listing.files, _divide, wanted)


def _labels(files: Sequence[ImageFile]) -> NDArray[np.int64]:
    import numpy as np

    return np.array([file.label for file in files], dtype=np.int64)


def _divide(
    files: list[ImageFile], share: float, seed: int
) -> tuple[list[ImageFile], list[ImageFile]]:
    """Return the files without, and only with, a share of each class."""
    import numpy as np

    keys = np.array([_path_key(file, seed) for file in files], dtype=np.uint64)
    kept, held_out = stratified_split(_labels(files), share, seed, keys=keys)
    return [files[index] for index in kept], [files[index] for index in held_out]


def _path_key(file: ImageFile, seed: int) -> int:
    text = os.fsencode(f"{seed} {file.relative}")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def _shared(digests: Sequence[str], tested: int) -> str:
    """Warn of images that are tested on and trained or validated on as well."""
    boundary = len(digests) - tested
    count = len(set(digests[:boundary]) & set(digests[boundary:]))
    images = "image is" if count == 1 else "images are"
    return f"{count:,} test {images} in train or validation too, byte for byte" if count else ""


def _fingerprint(
    classes: Sequence[str],
    image_size: int | None,
    files: Sequence[ImageFile],
    digests: Sequence[str],
) -> str:
    """Return the sha256 of the class names, the size asked for, and all files with their names."""
    digest = hashlib.sha256("\0".join([*classes, str(image_size)]).encode())
    for relative, content in sorted(zip((f.relative for f in files), digests, strict=True)):
        digest.update(os.fsencode(f"\0{relative}\0{content}"))
    return digest.hexdigest()


def _licence(root: Path) -> str:
    """Point to the licence beside the images, where there is one."""
    found = next((name for name in LICENCES if (root / name).is_file()), None)
    return f"see {root / found}" if found else "not stated"
