"""Labelled images to evaluate a model on: the test split of a source, or all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnsearch.data.archives import read_archive
from cnnsearch.data.arrays import class_names, split_of
from cnnsearch.data.cards import card_names, read_card
from cnnsearch.data.decoding import check_readable
from cnnsearch.data.folders import list_folder, printable
from cnnsearch.data.image_files import decoded_batches
from cnnsearch.data.images import resized
from cnnsearch.data.sources import card_arrays, source_path
from cnnsearch.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Batches = Callable[[int], Iterator[NDArray[np.uint8]]]

NAMED = 5  # unknown classes that are named
Shape = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Labelled:
    """Images with their labels."""

    source: str
    split: str  # "test", or "all" where the source has no test split
    classes: tuple[str, ...] | None  # None: the source has numbers only
    labels: NDArray[np.int64]
    files: tuple[str, ...] | None  # of each image; None: they are in arrays
    batches: Batches  # the images in order, so many at a time, of the shape asked for


def open_labelled(source: str, shape: Shape) -> Labelled:
    """Return the test split of a dataset, or all of one that has none.

    Args:
        source: Name of a shipped dataset, or path of a folder of images or of an `.npz`.
        shape: Height, width and channels that the images are brought to, as in training.

    Raises:
        DataError: There is no such source, or it cannot be used.
    """
    if source in card_names():
        card = read_card(source)
        return _of_arrays(card_arrays(card)[1], source, card.classes, shape)
    path = source_path(source)
    if path.is_dir():
        return _of_folder(path, shape)
    return _of_arrays(read_archive(path), source, None, shape)


def _of_folder(root: Path, shape: Shape) -> Labelled:
    import numpy as np

    listing = list_folder(root)
    has_test = "test" in listing.files
    files = listing.files["test"] if has_test else list(chain(*listing.files.values()))
    paths = [file.path for file in files]

    def batches(count: int) -> Iterator[NDArray[np.uint8]]:
        unreadable: list[str] = []
        for batch in decoded_batches(paths, shape, count):
            unreadable += [f"{each.path}: {each.reason}" for each in batch.unreadable]
            yield batch.pixels
        check_readable(unreadable)

    return Labelled(
        source=str(root),
        split="test" if has_test else "all",
        classes=listing.classes,
        labels=np.array([file.label for file in files], np.int64),
        files=tuple(printable(str(path)) for path in paths),
        batches=batches,
    )


def _of_arrays(
    arrays: Mapping[str, NDArray[Any]], source: str, classes: tuple[str, ...] | None, shape: Shape
) -> Labelled:
    import numpy as np

    has_test = "x_test" in arrays
    names = ["test"] if has_test else ["", *(["validation"] if "x_validation" in arrays else [])]
    splits = [split_of(arrays, name, source) for name in names]
    labels = np.concatenate([of_split for _, of_split in splits])
    if classes is None and "classes" in arrays:
        classes = class_names(arrays, labels, source)
    if classes is not None and labels.max() >= len(classes):
        raise DataError(f"{source}: has label {labels.max()}, but names {len(classes)} classes")
    images = np.concatenate([_brought_to(images, shape, source) for images, _ in splits])

    def batches(count: int) -> Iterator[NDArray[np.uint8]]:
        for start in range(0, len(images), count):
            yield images[start : start + count]

    split = "test" if has_test else "all"
    return Labelled(source, split, classes, labels, None, batches)


def _brought_to(images: NDArray[np.uint8], shape: Shape, source: str) -> NDArray[np.uint8]:
    height, width, channels = shape
    if images.shape[1:] == shape:
        return images
    if height == width and images.shape[-1] == channels:
        return resized(images, height)
    raise DataError(
        f"{source}: images are {_text(images.shape[1:])}, and the model takes {_text(shape)}"
    )


def _text(shape: Sequence[int]) -> str:
    return "x".join(str(length) for length in shape)


def labels_as_of(data: Labelled, known: Sequence[str]) -> NDArray[np.int64]:
    """Return the labels as numbers of the `known` classes, matched by name.

    A source without names has its numbers taken as they are.

    Raises:
        DataError: There are images of classes that are not known.
    """
    import numpy as np

    if data.classes is None:
        if data.labels.max() >= len(known):
            raise DataError(
                f"{data.source}: has label {data.labels.max()}, and the model knows {len(known)} "
                f"classes (0 to {len(known) - 1})"
            )
        return data.labels
    present = np.unique(data.labels).tolist()
    unknown = [data.classes[label] for label in present if data.classes[label] not in known]
    if unknown:
        raise DataError(
            f"{data.source}: has images of classes that the model does not know: "
            f"{_listed(unknown)}; it knows {_listed(known)}"
        )
    numbers = {name: number for number, name in enumerate(known)}
    table = np.array([numbers.get(name, -1) for name in data.classes], np.int64)
    return np.asarray(table[data.labels])


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
