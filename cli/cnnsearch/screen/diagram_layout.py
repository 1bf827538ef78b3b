"""Where the boxes of a block are drawn: its main path in straight lines, its shortcuts above."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cnnsearch.screen.blocks import OUTSIDE, Box

PER_LINE = 6  # boxes


@dataclass(frozen=True)
class Arc:
    """A way past a part of the main path, with the boxes on it."""

    source: int | None  # a column of its line; None where the line begins
    target: int  # a column of its line
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True)
class Line:
    """Boxes of the main path side by side, and the arcs that end in them."""

    boxes: tuple[Box, ...]
    arcs: tuple[Arc, ...]

    def level(self, arc: Arc) -> int:
        """Return how many arcs of the line lie below an arc."""
        own = _span(arc)
        others = (other for other in self.arcs if other is not arc)
        return sum(own[0] <= _span(other)[0] and _span(other)[1] <= own[1] for other in others)


def lines(boxes: Sequence[Box]) -> list[Line]:
    """Return a block line by line; a line ends where no arc goes on, if it can."""
    path = _main_path(boxes)
    arcs = list(_arcs(boxes, path))
    found, start = [], 0
    while start < len(path):
        end = _end_of_line(path, arcs, start)
        own = tuple(_placed(path, start, arc) for arc in arcs if arc[1] in path[start:end])
        found.append(Line(tuple(boxes[number - 1] for number in path[start:end]), own))
        start = end
    return found


_Way = tuple[int, int, tuple[Box, ...]]  # from box to box, numbered from 1, and what is between


def _main_path(boxes: Sequence[Box]) -> list[int]:
    """Return the numbers of the boxes on the longest way through the block."""
    length: dict[int, int] = {OUTSIDE: 0}
    before: dict[int, int] = {}
    for number, box in enumerate(boxes, 1):
        before[number] = max(box.inputs, key=lambda source: length[source], default=OUTSIDE)
        length[number] = length[before[number]] + 1
    path, number = [], len(boxes)
    while number != OUTSIDE:
        path.append(number)
        number = before[number]
    return path[::-1]


def _arcs(boxes: Sequence[Box], path: Sequence[int]) -> Iterator[_Way]:
    """Yield each way that is not along the main path."""
    previous = dict(zip(path, (OUTSIDE, *path), strict=False))
    for target in path:
        for source in boxes[target - 1].inputs:
            if source != previous[target]:
                yield _followed(boxes, previous, source, target)


def _followed(boxes: Sequence[Box], previous: Mapping[int, int], source: int, target: int) -> _Way:
    """Return the way that ends with `source`, back to where it leaves the main path."""
    between: list[Box] = []
    while source != OUTSIDE and source not in previous:
        between.insert(0, boxes[source - 1])
        source = boxes[source - 1].inputs[0]
    return source, target, tuple(between)


def _end_of_line(path: Sequence[int], arcs: Sequence[_Way], start: int) -> int:
    most = min(start + PER_LINE, len(path))
    if most == len(path):
        return most
    for end in range(most, start, -1):
        if not any(source < path[end - 1] < target for source, target, _ in arcs):
            return end
    return most


def _placed(path: Sequence[int], start: int, way: _Way) -> Arc:
    source, target, between = way
    column = path.index(source) - start if source != OUTSIDE else -1
    return Arc(column if column >= 0 else None, path.index(target) - start, between)


def _span(arc: Arc) -> tuple[int, int]:
    return -1 if arc.source is None else arc.source, arc.target
