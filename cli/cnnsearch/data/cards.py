"""Dataset cards: what a shipped dataset is, where it comes from and how it is checked."""

from __future__ import annotations

import importlib.resources
from dataclasses import dataclass, field
from pathlib import Path

import cnnsearch
from cnnsearch.errors import DataError


@dataclass(frozen=True)
class Card:
    """The content of a `card.yaml`."""

    name: str
    title: str
    source: str  # web address of the original
    licence: str
    citation: str
    shape: tuple[int, int, int]  # height, width, channels
    classes: tuple[str, ...]
    folder: Path  # of the card
    file: str = ""  # the data beside the card; empty when it is found elsewhere
    sha256: dict[str, str] = field(
        default_factory=dict
    )  # of each file (unpacked, where it is a .gz)
    loader: str = "npz"  # "npz" (the file beside the card) or "fashion-mnist"


def cards_folder() -> Path:
    """Return the folder of shipped datasets: inside the wheel, or the repository's own."""
    shipped = Path(str(importlib.resources.files("cnnsearch"))) / "datasets"
    if shipped.is_dir():
        return shipped
    return Path(cnnsearch.__file__).resolve().parents[2] / "datasets"


def card_names() -> list[str]:
    """Return the names of the shipped datasets, sorted."""
    return sorted(path.parent.name for path in cards_folder().glob("*/card.yaml"))


def read_card(name: str) -> Card:
    """Read the card of the shipped dataset `name`.

    Raises:
        DataError: The card is missing or not as a card should be: the installation is damaged.
    """
    import yaml

    path = cards_folder() / name / "card.yaml"
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        height, width, channels = values.pop("shape")
        classes = tuple(str(label) for label in values.pop("classes"))
        return Card(**values, shape=(height, width, channels), classes=classes, folder=path.parent)
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path}: not a valid dataset card ({error}); install cnnsearch again"
        ) from error
