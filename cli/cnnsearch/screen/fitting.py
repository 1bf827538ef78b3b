"""Tables that fit the screen: words get shorter and columns are left out, numbers are never cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

GAP = 2  # blanks between columns


@dataclass(frozen=True)
class Column:
    """A column of texts; one of words may be wrapped, one of numbers is never."""

    name: str
    cells: Sequence[str]
    is_number: bool = True
    least: int | None = None  # cells that its words need at least, where they may be wrapped

    @property
    def width(self) -> int:
        """Return how many cells it takes as it is."""
        return max(map(cell_len, (self.name, *self.cells)))

    @property
    def least_width(self) -> int:
        """Return how many cells it takes when its words are wrapped."""
        return self.width if self.least is None else min(self.width, self.least)


@dataclass(frozen=True)
class Layout:
    """The columns of a table, in one of its forms."""

    columns: Sequence[Column]
    left_out: Sequence[str] = field(default=())  # names of columns

    def fits(self, width: int) -> bool:
        """Return whether it can be printed in so many cells."""
        gaps = GAP * (len(self.columns) - 1)
        return sum(column.least_width for column in self.columns) + gaps <= width


def fitting(layouts: Iterable[Layout], width: int) -> Layout:
    """Return the first that fits, or the last."""
    for layout in layouts:
        if layout.fits(width):
            break
    return layout


def forms(columns: Sequence[Column], dispensable: Sequence[str]) -> Iterator[Layout]:
    """Yield a table with all its columns, and then with ever more of them left out."""
    for count in range(len(dispensable) + 1):
        left_out = dispensable[:count]
        yield Layout([column for column in columns if column.name not in left_out], left_out)


def printed(layout: Layout, dim: Sequence[bool] | None = None) -> Iterator[RenderableType]:
    """Yield the table, and which columns it lacks for want of room."""
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for column in layout.columns:
        justify = "right" if column.is_number else "left"
        wraps = column.least is not None
        table.add_column(
            column.name,
            justify=justify,  # type: ignore[arg-type]
            no_wrap=not wraps,
            min_width=column.least_width,
            overflow="fold",
        )
    for index, cells in enumerate(zip(*(column.cells for column in layout.columns), strict=True)):
        table.add_row(*map(Text, cells), style="dim" if dim and dim[index] else "")
    yield table
    if layout.left_out:
        yield Text(f"(no room for: {', '.join(layout.left_out)})", "dim")
