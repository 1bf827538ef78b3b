"""How much of the image each pixel of a map sees (Araujo et al. 2019, doi:10.23915/distill.00021).

All lengths are in pixels of the image as the network sees it, so after any resizing. Where paths
meet, the one that sees most counts. What has gone through a global pooling has no place any more,
so the gates of squeeze-and-excitation do not count. Self-attention sees its whole map: from there
on every pixel sees the same square, which no window makes larger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnnsearch.architecture.graph import IMAGE
from cnnsearch.architecture.layers import POINTWISE, Resize

if TYPE_CHECKING:
    from cnnsearch.architecture.graph import Architecture, Row
    from cnnsearch.architecture.layers import Shape


@dataclass(frozen=True)
class ReceptiveField:
    """The square of the image that one pixel of a map depends on; it may reach over the edge."""

    size: int = 1
    jump: int = 1  # from the square of one pixel to that of the next; 0: all see the same
    centre: tuple[float, float] = (0.0, 0.0)  # (down, across) of the first pixel's square


def receptive_fields(architecture: Architecture) -> tuple[ReceptiveField | None, ...]:
    """Return for each row what a pixel of its output sees; None where there is no map."""
    shapes = {IMAGE: architecture.input_shape, **_output_shapes(architecture)}
    fields: dict[int, ReceptiveField | None] = {IMAGE: ReceptiveField()}
    for index, row in enumerate(architecture.rows):
        seen = [field for node in row.inputs if (field := fields[node]) is not None]
        widest = max(seen, key=lambda field: field.size, default=None)
        fields[index] = _through(row, widest, [shapes[node] for node in row.inputs])
    return tuple(fields[index] for index in range(len(architecture.rows)))


def receptive_field(architecture: Architecture) -> ReceptiveField:
    """Return what a pixel of the last map sees, which is the most of all."""
    fields = [field for field in receptive_fields(architecture) if field is not None]
    return max(fields, key=lambda field: field.size, default=ReceptiveField())


def seen_image(architecture: Architecture) -> tuple[int, int]:
    """Return height and width of the image as the network sees it."""
    shape = architecture.input_shape
    for row in architecture.rows:
        if isinstance(row.layer, Resize) and row.inputs == (IMAGE,):
            shape = (row.layer.height, row.layer.width, shape[2])
    return shape[0], shape[1]


def rows_that_see_nothing_new(architecture: Architecture) -> frozenset[int]:
    """Return the rows that look further where a pixel already saw as much as the whole image.

    Such layers hardly add to the accuracy (Richter et al. 2021, arXiv:2106.12307).
    """
    side = max(seen_image(architecture))
    shapes = {IMAGE: architecture.input_shape, **_output_shapes(architecture)}
    after = (ReceptiveField(), *receptive_fields(architecture))  # of the image first
    found = set()
    for index, row in enumerate(architecture.rows):
        before = max((field.size for node in row.inputs if (field := after[node + 1])), default=0)
        window = row.layer.window([shapes[node] for node in row.inputs])
        looks_further = window is None or window.size > 1
        if after[index + 1] is not None and before >= side and looks_further:
            found.add(index)
    return frozenset(found)


def _output_shapes(architecture: Architecture) -> dict[int, Shape]:
    return {index: row.output_shape for index, row in enumerate(architecture.rows)}


def _through(row: Row, field: ReceptiveField | None, shapes: list[Shape]) -> ReceptiveField | None:
    """Return what an output pixel sees, given what a pixel of the input sees."""
    if isinstance(row.layer, Resize):
        return ReceptiveField()
    window = row.layer.window(shapes)
    if field is None:
        return None
    if window == POINTWISE:
        return field
    if window is None:
        return _of_whole_map(field, shapes[0]) if row.output_shape[:-1] == shapes[0][:-1] else None
    reach = (window.size - 1) / 2
    down, across = (
        centre + (reach - before) * field.jump
        for centre, before in zip(field.centre, window.before, strict=True)
    )
    size = field.size + (window.size - 1) * field.jump
    return ReceptiveField(size, field.jump * window.stride, (down, across))


def _of_whole_map(field: ReceptiveField, shape: Shape) -> ReceptiveField:
    """Return what every pixel sees that looks at all pixels of a map: all that the map covers."""
    down, across = (
        centre + (side - 1) * field.jump / 2
        for centre, side in zip(field.centre, shape, strict=False)
    )
    return ReceptiveField(field.size + (max(shape[:-1]) - 1) * field.jump, 0, (down, across))
