"""One door to all data: the name of a shipped dataset, a folder of images, or an `.npz`."""

from __future__ import annotations

import difflib
import hashlib
from pathlib import Path

from cnnsearch.data.archives import read_archive
from cnnsearch.data.arrays import from_arrays
from cnnsearch.data.cards import Card, card_names, read_card
from cnnsearch.data.dataset import Dataset
from cnnsearch.data.fashion_mnist import read_arrays
from cnnsearch.errors import DataError


def open_dataset(
    source: str, *, validation: float | None = None, image_size: int | None = None, seed: int = 1
) -> Dataset:
    """Open a dataset and split it.

    Args:
        source: Name of a shipped dataset, or path of a folder of images or of an `.npz`.
        validation: Share of the training images to validate on, where the source has no validation
            split of its own; None is 0.1.
        image_size: Side in pixels to bring all images to: the shorter side is scaled, the middle is
            cut out.
        seed: Of the draw of the validation split. The test split does not depend on it.

    Raises:
        DataError: There is no such source, or its data cannot be used.
    """
    if validation is not None and not 0 < validation < 1:
        raise DataError(
            f"validation {validation:g}: expected a share of the training images between 0 and 1, "
            "such as 0.1"
        )
    if image_size is not None and not 1 <= image_size <= 4096:
        raise DataError(f"image size {image_size}: expected pixels, 1 to 4096")
    if source in card_names():
        return _open_card(read_card(source), validation, seed)
    path = Path(source).expanduser()
    if path.is_file():
        return from_arrays(
            read_archive(path),
            name=path.stem,
            source=str(path),
            licence="not stated",
            classes=None,
            validation=validation,
            seed=seed,
        )
    raise DataError(_unknown(source))


def _open_card(card: Card, validation: float | None, seed: int) -> Dataset:
    """Open a shipped dataset."""
    if card.loader == "fashion-mnist":
        folder, arrays = read_arrays(card)
    else:
        folder = card.folder / card.file
        check_sha256(folder, card.sha256.get(card.file, ""))
        arrays = read_archive(folder)
    return from_arrays(
        arrays,
        name=card.name,
        source=str(folder),
        licence=card.licence,
        classes=card.classes,
        validation=validation,
        seed=seed,
    )


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


def _unknown(source: str) -> str:
    """Say that there is no such source, with the closest name and what is accepted."""
    names = card_names()
    close = difflib.get_close_matches(source, names, n=1)
    hint = f"; did you mean `{close[0]}`?" if close else ""
    return (
        f"{source}: no such dataset, file or folder{hint}\n"
        f"  expected a name ({', '.join(names)}), a folder with one sub-folder of images a class, "
        "or an .npz"
    )
