"""The shape of a dataset's images and the number of its classes, without its pixels if possible."""

from __future__ import annotations

from cnnsearch.data.cards import card_names, read_card
from cnnsearch.data.sources import open_dataset


def shape_and_classes(source: str, image_size: int | None) -> tuple[tuple[int, int, int], int]:
    """Return (height, width, channels) of the images and how many classes there are.

    A card tells; a folder or a file is opened.

    Args:
        source: Name of a shipped dataset, or path of a folder of images or of an `.npz`.
        image_size: Side in pixels that all images are brought to; None keeps theirs.

    Raises:
        DataError: There is no such source, or its data cannot be used.
    """
    if source not in card_names():
        dataset = open_dataset(source, image_size=image_size)
        return dataset.shape, len(dataset.classes)
    card = read_card(source)
    height, width, channels = card.shape
    side = (height, width) if image_size is None else (image_size, image_size)
    return (*side, channels), len(card.classes)
