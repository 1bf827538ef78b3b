"""One door to all data: the name of a shipped dataset, a folder of images, or an `.npz`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnsearch.data.archives import read_archive
from cnnsearch.data.arrays import from_arrays
from cnnsearch.data.cards import Card, card_names, read_card
from cnnsearch.data.dataset import Dataset
from cnnsearch.data.decoding import Progress
from cnnsearch.data.fashion_mnist import read_arrays
from cnnsearch.data.image_folders import from_folder
from cnnsearch.data.splits import Preparation
from cnnsearch.errors import DataError
from cnnsearch.space.spelling import did_you_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_SIZE = 4096  # pixels a side


def open_dataset(
    source: str,
    *,
    validation: float | None = None,
    image_size: int | None = None,
    seed: int = 1,
    progress: Progress | None = None,
) -> Dataset:
    """Open a dataset and split it.

    Args:
        source: Name of a shipped dataset, or path of a folder of images or of an `.npz`. A folder
            with the name of a shipped dataset is meant by `./name`.
        validation: Share of the training images to validate on, where the source has no validation
            split of its own; None is 0.1.
        image_size: Side in pixels to bring all images to: the shorter side is scaled, the middle is
            cut out. None keeps the images' own shape, which must then be one for all.
        seed: Of the draw of the validation split. The test split does not depend on it.
        progress: Told how many images are decoded and how many there are, where that takes long.

    Raises:
        DataError: There is no such source, or its data cannot be used.
    """
    _check_arguments(validation, image_size)
    wanted = Preparation(validation, image_size, seed)
    if source in card_names():
        return _open_card(read_card(source), wanted)
    path = source_path(source)
    if path.is_dir():
        return from_folder(path, wanted, progress=progress)
    return _open_archive(path, wanted)


def source_path(source: str) -> Path:
    """Return the folder or file that is meant by what is no shipped dataset's name.

    Raises:
        DataError: There is none.
    """
    path = Path(source).expanduser()
    try:
        is_there = bool(source) and (path.is_dir() or path.is_file())
    except OSError as error:
        raise DataError(f"{source}: cannot be read ({error.strerror})") from error
    if not is_there:
        raise DataError(f"{source}: {_not_there(source)}\n  {_accepted()}")
    return path


def unknown_source(source: str) -> str | None:
    """Return why a dataset cannot be opened that is not there; None where there is something."""
    path = Path(source).expanduser()
    try:
        is_there = source in card_names() or path.is_dir() or path.is_file()
    except OSError:  # opening it tells why
        return None
    return None if is_there else f"{_not_there(source)}; {_accepted()}"


def _open_archive(path: Path, wanted: Preparation) -> Dataset:
    arrays, licence = read_archive(path), "not stated"
    return from_arrays(
        arrays, wanted, name=path.stem, source=str(path), licence=licence, classes=None
    )


def _check_arguments(validation: float | None, image_size: int | None) -> None:
    if validation is not None and not 0 < validation < 1:
        raise DataError(
            f"data.validation is {validation:g}; expected a share of the training images between 0 "
            "and 1, such as 0.1"
        )
    if image_size is not None and not 1 <= image_size <= LARGEST_SIZE:
        raise DataError(f"data.image_size is {image_size}; expected pixels, 1 to {LARGEST_SIZE}")


def _open_card(card: Card, wanted: Preparation) -> Dataset:
    """Open a shipped dataset."""
    place, arrays = card_arrays(card)
    return from_arrays(
        arrays,
        wanted,
        name=card.name,
        source=str(place),
        licence=card.licence,
        classes=card.classes,
    )


def card_arrays(card: Card) -> tuple[Path, Mapping[str, NDArray[Any]]]:
    """Return where the data of a shipped dataset lies, and its arrays.

    Raises:
        DataError: The data is not to be had, or damaged.
    """
    if card.loader == "fashion-mnist":
        return read_arrays(card)
    place = card.folder / card.file
    check_sha256(place, card.sha256.get(card.file, ""))
    return place, read_archive(place)


def check_sha256(path: Path, expected: str) -> None:
    """Raise DataError where the file is missing or is not the one that its card describes."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}); install cnnsearch again"
        ) from error
    if found != expected:
        raise DataError(
            f"{path}: is damaged (its sha256 is not the card's); install cnnsearch again"
        )


def _not_there(source: str) -> str:
    return f"no such dataset, file or folder{did_you_mean(source, card_names())}"


def _accepted() -> str:
    names = ", ".join(card_names())
    return f"expected a name ({names}), a folder with one sub-folder of images a class, or an .npz"
