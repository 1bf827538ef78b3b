"""Images and labels as the rest expects them, or the reason why they cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnsearch.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROUNDING = 0.02  # distance that a value times 255 may have from a whole number
CHUNK_IMAGES = 1024  # converted at a time, so that the memory for it is small


def as_images(array: NDArray[Any], where: str) -> NDArray[np.uint8]:
    """Return images as uint8 `(examples, height, width, channels)`, copied only where needed.

    Args:
        array: `(examples, height, width)` or `(examples, height, width, channels)`, 0 to 255 or, if
            real, 0 to 1.
        where: What to call the array in messages.

    Raises:
        DataError: Another shape, type or range.
    """
    import numpy as np

    if array.ndim == 3:
        array = array[..., None]
    _refuse_shape(array.shape, where)
    if not len(array):
        raise DataError(f"{where}: holds no images")
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind not in "fiub":
        raise DataError(
            f"{where}: holds {array.dtype}; expected uint8 from 0 to 255, or real numbers from 0 "
            "to 1"
        )
    return _converted(array, where)


def _refuse_shape(shape: tuple[int, ...], where: str) -> None:
    """Refuse what are no images, or images of other than one or three channels."""
    if len(shape) != 4 or 0 in shape[1:]:
        raise DataError(
            f"{where}: has shape {shape}; expected (examples, height, width[, channels])"
        )
    if shape[-1] in {1, 3}:
        return
    alpha = "drop the alpha channel"
    also = alpha if shape[-1] == 4 else "are the channels in another place?"
    raise DataError(
        f"{where}: has {shape[-1]} channels (shape {shape}); expected 1 (grey) or 3 (RGB); {also}"
    )


def _converted(array: NDArray[Any], where: str) -> NDArray[np.uint8]:
    """Convert numbers of another type that are pixel values all the same."""
    import numpy as np

    low, high = float(array.min()), float(array.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise DataError(
            f"{where}: holds NaN or infinite values; expected pixel values from 0 to 255"
        )
    real = array.dtype.kind in "fb"
    scale = 255.0 if real and high <= 1 else 1.0
    if low < 0 or high > 255:
        raise DataError(
            f"{where}: holds values from {low:g} to {high:g}; expected uint8 from 0 to 255 or "
            "real numbers from 0 to 1, not normalised (that happens inside the network)"
        )
    tolerance = ROUNDING + (
        scale * float(np.finfo(array.dtype).eps) if array.dtype.kind == "f" else 0.0
    )
    images = np.empty(array.shape, dtype=np.uint8)
    for start in range(0, len(array), CHUNK_IMAGES):
        part = slice(start, start + CHUNK_IMAGES)
        values = array[part].astype(np.float64) * scale
        whole = np.rint(values)
        if np.abs(values - whole).max() > tolerance:
            raise DataError(
                f"{where}: real numbers from {low:g} to {high:g} that are not 256 levels of "
                "brightness; save them as uint8: (255 * x).round().astype('uint8')"
            )
        images[part] = whole
    return images


def as_labels(array: NDArray[Any], where: str) -> NDArray[np.int64]:
    """Return labels as int64 `(examples,)`.

    Args:
        array: Class numbers, `(examples,)` or `(examples, 1)`, or one-hot rows `(examples,
            classes)`.
        where: What to call the array in messages.

    Raises:
        DataError: Not whole numbers from 0, or rows that are not one-hot.
    """
    import numpy as np

    if array.dtype.kind not in "fiub":
        raise DataError(
            f"{where}: holds {array.dtype}; expected whole numbers from 0, with the names in "
            "`classes`"
        )
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise DataError(f"{where}: holds NaN or infinite values; expected whole numbers from 0")
    if array.ndim == 2:
        return _from_one_hot(array, where)
    if array.ndim != 1:
        raise DataError(
            f"{where}: has shape {array.shape}; expected (examples,) or one-hot (examples, classes)"
        )
    labels = array.astype(np.int64)
    if (labels != array).any() or (labels < 0).any():
        wrong = array[(labels != array) | (labels < 0)][0]
        raise DataError(f"{where}: holds {wrong}; expected whole numbers from 0")
    return labels


def _from_one_hot(array: NDArray[Any], where: str) -> NDArray[np.int64]:
    import numpy as np

    if not (np.isin(array, (0, 1)).all() and (array.sum(axis=1) == 1).all()):
        raise DataError(
            f"{where}: has shape {array.shape} but its rows are not one-hot; expected one class an "
            "image"
        )
    return np.asarray(array.argmax(axis=1), dtype=np.int64)


def check_labels(
    labels: dict[str, NDArray[np.int64]], classes: tuple[str, ...], where: str, *, least: int
) -> None:
    """Check that the labels name the classes, all of them in the first split.

    Args:
        labels: Class numbers of each split, the one to train on first.
        classes: Name of each class.
        where: What to call the dataset in messages.
        least: Fewest examples of a class in the first split.

    Raises:
        DataError: One class only, a class too small or empty, or a label beyond the classes.
    """
    for split, of_split in labels.items():
        _refuse_unknown(of_split, len(classes), f"{where}: {split}")
    if len(classes) < 2:
        raise DataError(
            f"{where}: has one class only ({classes[0] if classes else 'none'}); expected at "
            "least two"
        )
    first = next(iter(labels))
    _refuse_few(labels[first], first, classes, where, least=least)


def _refuse_unknown(labels: NDArray[np.int64], classes: int, where: str) -> None:
    unknown = labels[labels >= classes]
    if len(unknown):
        raise DataError(
            f"{where} has label {unknown.min()}, but there are {classes} classes "
            f"(0 to {classes - 1})"
        )


def _refuse_few(
    labels: NDArray[np.int64], split: str, classes: tuple[str, ...], where: str, *, least: int
) -> None:
    """Refuse a class that has no examples in a split, or fewer than `least`."""
    import numpy as np

    counts = np.bincount(labels, minlength=len(classes))
    empty = [label for label, count in enumerate(counts) if count == 0]
    if empty:
        more = f" and {len(empty) - 1:,} more" if len(empty) > 1 else ""
        raise DataError(
            f"{where}: {split} has no image of class {_named(classes, empty[0])}{more}; number "
            "the classes 0, 1, 2, ... without gaps"
        )
    smallest = int(counts.argmin())
    if counts[smallest] < least:
        raise DataError(
            f"{where}: class {_named(classes, smallest)} has {counts[smallest]} "
            f"image{'s' if counts[smallest] > 1 else ''} in {split}; "
            f"expected at least {least}, to have some in each split"
        )


def _named(classes: tuple[str, ...], label: int) -> str:
    return f"{label}" if classes[label] == str(label) else f"{label} ({classes[label]})"
