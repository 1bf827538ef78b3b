"""A drawing of a network as SVG: a box for a layer and what follows it, an arc for a skip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from cnnsearch.errors import UsageError
from cnnsearch.screen.architecture import Row, layer_words, shape_words
from cnnsearch.space.quantities import format_count

FOLDED = {"Normalization", "Activation", "Dropout", "SpatialDropout", "StochasticDepth"}
STEP, HEIGHT, WIDTH, LEFT, TOP = 40, 28, 560, 20, 60  # pixels
BULGE = (24, 10, 140)  # of an arc: at least, for each box it passes, at most
COLOURS = {
    "Convolution": "#cfe3f7",
    "Dense": "#cfe3f7",
    "Pooling": "#fde3c4",
    "GlobalPooling": "#fde3c4",
    "Add": "#d7f0d2",
    "Multiply": "#d7f0d2",
    "Concatenate": "#d7f0d2",
}


@dataclass(frozen=True)
class Box:
    """A layer with those that follow it and only act on each value."""

    rows: tuple[Row, ...]
    inputs: tuple[int, ...]  # numbers of earlier boxes; 0 is the image


def save_diagram(title: str, costs: Mapping[str, Any], path: Path) -> None:
    """Write the drawing.

    Raises:
        UsageError: It cannot be written there.
    """
    try:
        path.write_text(diagram(title, costs), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from error


def diagram(title: str, costs: Mapping[str, Any]) -> str:
    """Return the drawing of a network, given its costs."""
    boxes = fold(costs["rows"])
    height = TOP + STEP * (len(boxes) + 1)
    facts = f"{format_count(costs['parameters'])} parameters, {format_count(costs['macs'])} MACs"
    image = f"image {shape_words(costs['input_shape'])}"
    size = f'width="{WIDTH + 200}" height="{height}"'
    font = 'font-family="system-ui, sans-serif" font-size="12"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>',
        f'<text x="{LEFT}" y="24" font-size="16">{escape(title)}</text>',
        f'<text x="{LEFT}" y="44" fill="#555">{escape(facts)}</text>',
        *(line for number, box in enumerate(boxes, 1) for line in _edges(number, box.inputs)),
        *_box(0, "#eeeeee", image, ""),
        *(line for number, box in enumerate(boxes, 1) for line in _drawn(number, box)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def fold(rows: Sequence[Row]) -> list[Box]:
    """Return the boxes in order: a layer and what only acts on each of its values.

    A layer is folded into the one before it where nothing else reads that one.
    """
    readers = [name for row in rows for name in row["inputs"]]
    boxes: list[list[Row]] = []
    box_of = {"image": 0}
    for row in rows:
        source = row["inputs"][0]
        folds = row["layer"]["type"] in FOLDED and readers.count(source) == 1
        if folds and boxes and boxes[-1][-1]["name"] == source:
            boxes[-1].append(row)
        else:
            boxes.append([row])
        box_of[row["name"]] = len(boxes)
    return [
        Box(tuple(box), tuple(dict.fromkeys(box_of[name] for name in box[0]["inputs"])))
        for box in boxes
    ]


def _drawn(number: int, box: Box) -> Iterator[str]:
    first, last = box.rows[0], box.rows[-1]
    words = ", ".join(layer_words(row["layer"]) for row in box.rows)
    parameters = sum(row["trainable_parameters"] for row in box.rows)
    weights = f", {format_count(parameters)}" if parameters else ""
    part = first["name"].rpartition(".")[0]
    label = f"{part}: {words}" if part else words
    colour = COLOURS.get(first["layer"]["type"], "#eeeeee")
    yield from _box(number, colour, label, f"{shape_words(last['output_shape'])}{weights}")


def _box(number: int, colour: str, left: str, right: str) -> Iterator[str]:
    y = TOP + STEP * number
    yield (
        f'<rect x="{LEFT}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="4" '
        f'fill="{colour}" stroke="#999"/>'
    )
    yield f'<text x="{LEFT + 8}" y="{y + 18}">{escape(left)}</text>'
    yield f'<text x="{LEFT + WIDTH - 8}" y="{y + 18}" text-anchor="end">{escape(right)}</text>'


def _edges(number: int, inputs: Sequence[int]) -> Iterator[str]:
    for source in inputs:
        start, end = TOP + STEP * source + HEIGHT, TOP + STEP * number
        if source == number - 1:
            x = LEFT + WIDTH // 2
            yield f'<path d="M{x} {start}V{end}" stroke="#555" fill="none"/>'
            continue
        least, each, most = BULGE
        x, start, end = LEFT + WIDTH, start - HEIGHT // 2, end + HEIGHT // 2
        bulge = x + min(most, least + each * (number - source))
        curve = f"M{x} {start}C{bulge} {start} {bulge} {end} {x} {end}"
        yield f'<path d="{curve}" stroke="#2a7" fill="none"/>'
