"""Arrays (of an `.npz` or of Fashion-MNIST's files) to a dataset."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnsearch.data.checks import as_images, as_labels, check_labels
from cnnsearch.data.dataset import Dataset
from cnnsearch.data.images import resized
from cnnsearch.data.splits import Preparation, complete_splits, stratified_split
from cnnsearch.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Split = tuple[NDArray[np.uint8], NDArray[np.int64]]


def from_arrays(
    arrays: Mapping[str, NDArray[Any]],
    wanted: Preparation,
    *,
    name: str,
    source: str,
    licence: str,
    classes: tuple[str, ...] | None,
) -> Dataset:
    """Check the arrays, split what is not split yet, and return the dataset.

    Args:
        arrays: By the keys that `.npz` files have: x_train, y_train, x_test, y_test, or x and y,
            and so on.
        wanted: How to split and size them.
        name: Of the dataset.
        source: Where the arrays came from, named in messages.
        licence: Of the data.
        classes: Name of each class; None takes the array `classes`, else the numbers.

    Raises:
        DataError: The arrays are not images and labels that fit each other.
    """
    given = {split: split_of(arrays, split, source) for split in _present(arrays)}
    _check_shapes({split: images.shape[1:] for split, (images, _) in given.items()}, source)
    labels = {_key("y", split): of_split for split, (_, of_split) in given.items()}
    names = classes or class_names(arrays, next(iter(labels.values())), source)
    least = 1 + ("test" not in given) + ("validation" not in given)
    check_labels(labels, names, source, least=least)
    fingerprint = _fingerprint(given, names, wanted.image_size)
    parts = {
        split or "train": (resized(images, wanted.image_size), of_split)
        for split, (images, of_split) in given.items()
    }
    splits, notes = complete_splits(parts, divide, wanted)
    return Dataset(
        name,
        source,
        names,
        *splits["train"],
        *splits["validation"],
        *splits["test"],
        licence,
        fingerprint,
        tuple(notes),
    )


def divide(split: Split, share: float, seed: int) -> tuple[Split, Split]:
    """Return a split without, and only with, a stratified `share` of it."""
    images, labels = split
    kept, held_out = stratified_split(labels, share, seed)
    return (images[kept], labels[kept]), (images[held_out], labels[held_out])


def _present(arrays: Mapping[str, Any]) -> list[str]:
    """Name the splits in the arrays, the one to train on first; "" is that of `x` and `y`."""
    return [split for split in ("", "train", "validation", "test") if _key("x", split) in arrays]


def _key(letter: str, split: str) -> str:
    return f"{letter}_{split}" if split else letter


def split_of(arrays: Mapping[str, NDArray[Any]], split: str, source: str) -> Split:
    """Return the images and labels of one split, checked; "" is that of `x` and `y`.

    Raises:
        DataError: They are no images and labels, or not as many.
    """
    x_key, y_key = _key("x", split), _key("y", split)
    images, labels = (
        as_images(arrays[x_key], f"{source}: {x_key}"),
        as_labels(arrays[y_key], f"{source}: {y_key}"),
    )
    if len(images) != len(labels):
        raise DataError(
            f"{source}: {x_key} has {len(images):,} images and {y_key} {len(labels):,} labels; "
            "expected as many"
        )
    return images, labels


def _check_shapes(shapes: Mapping[str, tuple[int, ...]], source: str) -> None:
    if len(set(shapes.values())) > 1:
        found = ", ".join(f"{_key('x', split)} {shape}" for split, shape in shapes.items())
        raise DataError(
            f"{source}: images of different shapes ({found}); expected one shape for all"
        )


def class_names(
    arrays: Mapping[str, NDArray[Any]], labels: NDArray[np.int64], source: str
) -> tuple[str, ...]:
    """Return the array `classes`, or the class numbers as text."""
    highest = int(labels.max())
    if "classes" not in arrays:
        if highest >= len(labels):
            raise DataError(
                f"{source}: label {highest} for {len(labels):,} examples; number the classes 0, "
                "1, 2, ... without gaps"
            )
        return tuple(str(label) for label in range(highest + 1))
    names = arrays["classes"]
    if names.ndim != 1 or names.dtype.kind not in "US" or len(set(names.tolist())) != len(names):
        raise DataError(
            f"{source}: classes has shape {names.shape} of {names.dtype}; expected different "
            "names, as text"
        )
    return tuple(
        name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
        for name in names.tolist()
    )


def _fingerprint(
    splits: Mapping[str, Split], classes: tuple[str, ...], image_size: int | None
) -> str:
    """Return the sha256 of the class names, the size asked for, and all images and labels."""
    import numpy as np

    digest = hashlib.sha256("\0".join([*classes, str(image_size)]).encode())
    for split, arrays in splits.items():
        for array in arrays:
            digest.update(f"\0{split} {array.dtype} {array.shape}\0".encode())
            digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
