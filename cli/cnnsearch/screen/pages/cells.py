"""Tables on a page: what is in their cells, and how they are sorted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """What is shown, and what it is sorted by (a number, or the words themselves)."""

    words: str
    key: float | str | None = None


@dataclass(frozen=True)
class Table:
    """A table; of a number's column the cells stand right."""

    columns: Sequence[tuple[str, bool]]  # name, and whether it holds numbers
    rows: Sequence[Sequence[Cell]]
    marked: int | None = None  # the index of a row
    left_out: int = 0  # rows
    sortable: bool = True
