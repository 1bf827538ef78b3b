"""The shipped datasets, and whether their data is on this machine."""

from __future__ import annotations

from typing import Any

from cnnsearch.data.cards import Card, card_names, read_card
from cnnsearch.data.fashion_mnist import find_files
from cnnsearch.errors import DataError


def catalogue() -> list[dict[str, Any]]:
    """Return what each card says as plain values, and `place`: where the data is, or None."""
    return [_entry(read_card(name)) for name in card_names()]


def _entry(card: Card) -> dict[str, Any]:
    return {
        "name": card.name,
        "title": card.title,
        "shape": list(card.shape),
        "classes": list(card.classes),
        "licence": card.licence,
        "source": card.source,
        "citation": card.citation,
        "place": _place(card),
    }


def _place(card: Card) -> str | None:
    if card.loader != "fashion-mnist":
        path = card.folder / card.file
        return str(path) if path.is_file() else None
    try:
        folder = find_files()
    except DataError:  # a wrong FASHION_MNIST is told to those who open the data
        return None
    return str(folder) if folder else None
