"""Arrays (of an `.npz` or of Fashion-MNIST's files) to a dataset."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnsearch.data.checks import as_images, as_labels, check_labels
from cnnsearch.data.dataset import Dataset
from cnnsearch.data.splits import stratified_split
from cnnsearch.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Split = tuple[NDArray[np.uint8], NDArray[np.int64]]

TEST_SHARE = 0.2  # of all examples, where the source has no test split
TEST_SEED = (
    1  # never the caller's seed: runs with different seeds are scored on the same test images
)
VALIDATION_SHARE = 0.1  # of the examples to train on, where neither the source nor the caller says


def from_arrays(
    arrays: Mapping[str, NDArray[Any]],
    *,
    name: str,
    source: str,
    licence: str,
    classes: tuple[str, ...] | None,
    validation: float | None,
    seed: int,
) -> Dataset:
    """Check the arrays, split what is not split yet, and return the dataset.

    Args:
        arrays: By the keys that `.npz` files have: x_train, y_train, x_test, y_test, or x and y,
            and so on.
        name: Of the dataset.
        source: Where the arrays came from, named in messages.
        licence: Of the data.
        classes: Name of each class; None takes the array `classes`, else the numbers.
        validation: Share of the training examples to validate on, where the arrays have no
            validation split.
        seed: Of that draw.

    Raises:
        DataError: The arrays are not images and labels that fit each other.
    """
    given = {split: _split(arrays, split, source) for split in _present(arrays)}
    _check_shapes({split: images.shape[1:] for split, (images, _) in given.items()}, source)
    first = next(iter(given))
    labels = {split: of_split for split, (_, of_split) in given.items()}
    names = classes or _class_names(arrays, labels[first], source)
    check_labels(
        labels, names, source, least=1 + ("test" not in given) + ("validation" not in given)
    )
    fingerprint = _fingerprint(given, names)
    notes = []
    if "test" not in given:
        pool = given.pop(first)
        given["train"], given["test"] = divide(pool, TEST_SHARE, TEST_SEED)
        notes.append(
            f"no test split in the source: {TEST_SHARE:.0%} of each class drawn, the same each time"
        )
    if "validation" not in given:
        share = VALIDATION_SHARE if validation is None else validation
        given["train"], given["validation"] = divide(given["train"], share, seed)
        notes.append(
            f"validation: {share:.0%} of the training images of each class, drawn with seed {seed}"
        )
    return Dataset(
        name,
        source,
        names,
        *given["train"],
        *given["validation"],
        *given["test"],
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


def _split(arrays: Mapping[str, NDArray[Any]], split: str, source: str) -> Split:
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


def _class_names(
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


def _fingerprint(splits: Mapping[str, Split], classes: tuple[str, ...]) -> str:
    """Return the sha256 of the class names and of all images and labels."""
    import numpy as np

    digest = hashlib.sha256("\0".join(classes).encode())
    for split, arrays in splits.items():
        for array in arrays:
            digest.update(f"{split} {array.dtype} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
