"""A network in short: its rows block by block, and equal blocks in a row as one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from cnnsearch.screen.layer_words import Row, short_words

FOLDED = {"Normalization", "Activation", "Dropout", "SpatialDropout", "StochasticDepth", "Scale"}
_WEIGHING = re.compile(r"^(attention|pixels_|activation_attention)")  # of a map by itself
OUTSIDE = 0  # as an input of a box: what the block reads


@dataclass(frozen=True)
class Box:
    """A layer with those around it that only act on each value, or one kind of attention."""

    rows: tuple[Row, ...]
    inputs: tuple[int, ...]  # numbers of earlier boxes, from 1, or OUTSIDE

    @property
    def layer(self) -> Row:
        """Return the row of the layer that the others act for."""
        return next((row for row in self.rows if not _only_acts(row)), self.rows[0])

    @property
    def kind(self) -> str:
        """Return the type of its layer; `Attention` of several that weigh a map."""
        return "Attention" if _weighs(self.rows[0]) else str(self.layer["layer"]["type"])

    @property
    def words(self) -> str:
        """Return what it is, in short."""
        if self.kind != "Attention":
            return short_words(self.layer)
        pixels = any(_local(row).startswith("pixels_") for row in self.rows)
        return "cbam" if pixels else "squeeze-excite"

    @property
    def before(self) -> tuple[Row, ...]:
        """Return the rows that only act on each value that the layer reads."""
        return self.rows[: self.rows.index(self.layer)] if self.kind != "Attention" else ()

    @property
    def after(self) -> tuple[Row, ...]:
        """Return the rows that only act on each value of the layer's output."""
        return self.rows[self.rows.index(self.layer) + 1 :] if self.kind != "Attention" else ()


@dataclass(frozen=True)
class Part:
    """The stem, the head, a stage's pooling or one of its blocks, with those that are its equal."""

    blocks: tuple[tuple[Row, ...], ...]  # the rows of each

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return the rows of the first."""
        return self.blocks[0]

    @property
    def name(self) -> str:
        """Return `stage1.block2`, or `stage1.block2-4` of three that are equal."""
        first, last = (_part(block[0]) for block in (self.blocks[0], self.blocks[-1]))
        if first == last:
            is_pooling = self.last["layer"]["type"] == "Pooling" and first != "stem"
            return str(self.last["name"]) if is_pooling or len(self.rows) == 1 else first
        return f"{first}-{last.rpartition('block')[2]}"

    @property
    def stage(self) -> str:
        """Return the stage it belongs to, or itself where it is of none."""
        return _part(self.rows[0]).partition(".")[0]

    @property
    def words(self) -> str:
        """Return its layers in short, without those that only act on each value."""
        return ", ".join(box.words for box in self.boxes)

    @property
    def boxes(self) -> list[Box]:
        """Return the boxes of the first."""
        return fold(self.rows)

    def total(self, quantity: str) -> int:
        """Return the sum of a quantity of all rows of all its blocks."""
        return sum(row[quantity] for block in self.blocks for row in block)

    @property
    def parameters(self) -> int:
        """Return all weights, trained or not."""
        return self.total("trainable_parameters") + self.total("non_trainable_parameters")

    @property
    def last(self) -> Row:
        """Return the row that comes out."""
        return self.blocks[-1][-1]

    @property
    def sees_nothing_new(self) -> bool:
        """Return whether no window in it sees more of the image than what comes before."""
        rows = [row for block in self.blocks for row in block if _window(row["layer"]) > 1]
        return bool(rows) and all(row["sees_nothing_new"] for row in rows)


def parts(rows: Sequence[Row]) -> list[Part]:
    """Return the parts of a network in order."""
    blocks = [tuple(block) for _, block in groupby(rows, key=_part)]
    return [Part(tuple(equal)) for _, equal in groupby(blocks, key=_likeness)]


def fold(rows: Sequence[Row]) -> list[Box]:
    """Return the boxes of a part in order.

    A layer that only acts on each value is folded into the one before it, or else into the one
    after it, where nothing else reads what is between; layers that weigh a map are one box.
    """
    readers = [name for row in rows for name in row["inputs"]]
    boxes: list[list[Row]] = []
    box_of: dict[str, int] = {}
    for row in rows:
        if boxes and _belongs(row, boxes[-1], readers):
            boxes[-1].append(row)
        else:
            boxes.append([row])
        box_of[row["name"]] = len(boxes)
    return [
        Box(tuple(box), tuple(_inputs(number, box, box_of))) for number, box in enumerate(boxes, 1)
    ]


def _belongs(row: Row, box: Sequence[Row], readers: Sequence[str]) -> bool:
    if _weighs(row) or _weighs(box[-1]):
        return _weighs(row) and _weighs(box[-1])
    if row["inputs"] != [box[-1]["name"]] or readers.count(box[-1]["name"]) > 1:
        return False
    return _only_acts(row) or all(map(_only_acts, box))


def _only_acts(row: Row) -> bool:
    return row["layer"]["type"] in FOLDED


def _inputs(number: int, box: Sequence[Row], box_of: Mapping[str, int]) -> Iterator[int]:
    found = (box_of.get(name, OUTSIDE) for row in box for name in row["inputs"])
    return (source for source in dict.fromkeys(found) if source != number)


def _part(row: Row) -> str:
    return str(row["name"]).rpartition(".")[0]


def _local(row: Row) -> str:
    return str(row["name"]).rpartition(".")[2]


def _weighs(row: Row) -> bool:
    return bool(_WEIGHING.match(_local(row)))


def _window(layer: Mapping[str, Any]) -> int:
    return int(layer.get("kernel_size", layer.get("size", 1)))


def _likeness(block: Sequence[Row]) -> tuple[Any, ...]:
    """Return what equal blocks of a stage have in common: all but their names and rates."""
    names = {row["name"]: index for index, row in enumerate(block)}
    stage = _part(block[0]).partition(".")
    return (
        stage[0] if stage[2] else _part(block[0]),
        *(
            (
                _local(row),
                tuple(names.get(name, OUTSIDE - 1) for name in row["inputs"]),
                [(key, value) for key, value in row["layer"].items() if key != "rate"],
                row["output_shape"],
                row["macs"],
                row["trainable_parameters"],
            )
            for row in block
        ),
    )
