"""A drawing of a network as SVG: a line a block, equal blocks once, shortcuts as arcs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from cnnsearch.errors import UsageError
from cnnsearch.screen.blocks import Box, Part, parts
from cnnsearch.screen.diagram_layout import Arc, Line, lines
from cnnsearch.screen.layer_words import Row, shape_words, short_words
from cnnsearch.space.quantities import format_count, plural

# Pixels.
WIDTH, MARGIN, HEAD, FOOT = 1180, 20, 96, 60
CHAIN, BOX, GAP, BOX_HEIGHT = 170, 110, 20, 44  # where boxes begin, their width, between them
OUTPUT, PARAMETERS, MACS = 945, 1100, WIDTH - MARGIN  # columns; the last two end there
LINE_GAP, ARC, SIDE = 20, 12, BOX_HEIGHT + 10  # between lines; above a line, for each arc
LETTER = 0.56  # of the font's size: the width of a letter, on the safe side
TIMES = "\N{MULTIPLICATION SIGN}"
SHORTCUT = "#1a7f4b"
ARROW = (
    '<marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto"><path d="M0 0L8 4L0 8z" fill="#555555"/></marker>'
)
COLOURS = {
    "weights": ("#cfe3f7", {"Convolution", "Dense", "SelfAttention"}),
    "pooling": ("#fde3c4", {"Pooling", "GlobalPooling", "ChannelPooling"}),
    "attention": ("#eadcf7", {"Attention"}),
    "where paths meet": ("#d7f0d2", {"Add", "Multiply", "Concatenate"}),
    "other": ("#eeeeee", set[str]()),
}


def save_diagram(described: Mapping[str, Any], path: Path) -> None:
    """Write the drawing.

    Raises:
        UsageError: It cannot be written there, or the name is not that of an SVG file.
    """
    if path.suffix.lower() != ".svg":
        named = path.with_suffix(".svg") if path.name else "network.svg"
        raise UsageError(f"{path}: drawings are SVG files, which browsers open; name it {named}")
    try:
        path.write_text(diagram(described), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from error


def diagram(described: Mapping[str, Any]) -> str:
    """Return the drawing of a network, given its title and costs."""
    body, bottom = _body(parts(described["rows"]))
    height = bottom + FOOT
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    font = 'font-family="system-ui, sans-serif" font-size="12" fill="#222222"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>',
            f"<defs>{ARROW}</defs>",
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            *_heading(described),
            *body,
            *_legend(bottom + FOOT // 2),
            "</svg>\n",
        ]
    )


def _heading(described: Mapping[str, Any]) -> Iterator[str]:
    image = shape_words(described["input_shape"])
    facts = f"{format_count(described['parameters'])} parameters, "
    facts += f"{format_count(described['macs'])} MACs, "
    facts += f"{plural(described['layers'], 'layer')} with weights"
    yield _text(MARGIN, 30, described["title"], size=18)
    yield _text(MARGIN, 52, f"images of {image}, {described['classes']:,} classes; {facts}")
    yield _text(OUTPUT, HEAD - 8, "output", weight="bold")
    for x, name in ((PARAMETERS, "parameters"), (MACS, "MACs")):
        yield _text(x, HEAD - 8, name, weight="bold", anchor="end")


def _body(found: Sequence[Part]) -> tuple[list[str], int]:
    """Return the parts one below the other, and where they end."""
    drawn: list[str] = []
    entries: list[tuple[int, int, int]] = []  # of each line: its middle, bottom, and count of boxes
    y, shaded, stage = HEAD, True, ""
    for part in found:
        shaded, stage = shaded != (part.stage != stage), part.stage
        top, inside = y, list[str]()
        for number, (line, count) in enumerate(_unlike(lines(part.boxes))):
            y += LINE_GAP + _room_above(line)
            inside += [*_line(line, y, part), *_named(part, y, is_first=number == 0, lines=count)]
            entries.append((y + BOX_HEIGHT // 2, y + BOX_HEIGHT, len(line.boxes)))
            y += BOX_HEIGHT
        colour = "#f4f5f7" if shaded else "#ffffff"
        band = f'x="0" y="{top + LINE_GAP // 2}" width="{WIDTH}" height="{y - top}"'
        amounts = _amounts(part, y - BOX_HEIGHT // 2 + 4)
        drawn += [f'<rect {band} fill="{colour}"/>', *amounts, *inside]
    drawn += [_turn(before, after) for before, after in pairwise(entries)]
    return drawn, y + LINE_GAP


def _unlike(found: Sequence[Line]) -> Iterator[tuple[Line, int]]:
    """Yield each line that is drawn, and how many there are of it in a row.

    Lines of a block are alike where their boxes read the same: they may differ in channels, as the
    layers of a DenseNet do.
    """
    for _, alike in groupby(found, key=_reads):
        first, *others = alike
        yield first, 1 + len(others)


def _reads(line: Line) -> object:
    boxes = [(box.words, [*map(short_words, (*box.before, *box.after))]) for box in line.boxes]
    return boxes, [(arc.source, arc.target, len(arc.boxes)) for arc in line.arcs]


def _named(part: Part, y: int, *, is_first: bool, lines: int) -> Iterator[str]:
    """Yield what stands left of a line: the name of its part, and how often it is there."""
    baseline = y + BOX_HEIGHT // 2 + 4
    if is_first:
        yield _text(MARGIN, baseline, part.name, most=CHAIN - MARGIN - 30)
    if len(part.blocks) > 1 and is_first:
        yield _text(MARGIN, baseline + 16, f"{TIMES} {len(part.blocks)}", weight="bold")
    elif lines > 1:
        yield _text(MARGIN, baseline + 16, f"{TIMES} {lines}, ever wider", weight="bold")


def _amounts(part: Part, y: int) -> Iterator[str]:
    yield _text(OUTPUT, y, shape_words(part.last["output_shape"]))
    for x, amount in ((PARAMETERS, part.parameters), (MACS, part.total("macs"))):
        yield _text(x, y, format_count(amount) if amount else "", anchor="end")


def _line(line: Line, y: int, part: Part) -> Iterator[str]:
    middle = y + BOX_HEIGHT // 2
    for arc in line.arcs:
        yield from _arc(line, arc, y, part)
    for column, box in enumerate(line.boxes):
        if column:
            yield _path(f"M{_left(column) - GAP} {middle}H{_left(column)}")
        yield from _box(box, _left(column), y, part)


def _arc(line: Line, arc: Arc, y: int, part: Part) -> Iterator[str]:
    """Yield a way past some boxes: up, along and down into the box where it ends."""
    start = (_left(0) if arc.source is None else _left(arc.source + 1)) - GAP // 2
    end, middle = _left(arc.target) + BOX // 2, y + BOX_HEIGHT // 2
    above = y - 8 - ARC * line.level(arc) - (SIDE // 2 if arc.boxes else 0)
    up = f"M{start} {middle}V{above + 6}Q{start} {above} {start + 6} {above}"
    down = f"H{end - 6}Q{end} {above} {end} {above + 6}V{y}"
    yield _path(up + down, stroke=SHORTCUT)
    for index, box in enumerate(arc.boxes):
        x = start + GAP // 2 + index * (BOX + GAP)
        yield from _box(box, x, above - BOX_HEIGHT // 2, part)


def _room_above(line: Line) -> int:
    levels = [line.level(arc) for arc in line.arcs]
    sides = SIDE if any(arc.boxes for arc in line.arcs) else 0
    return ARC * (max(levels) + 1) + sides if levels else 0


def _turn(before: tuple[int, int, int], after: tuple[int, int, int]) -> str:
    """Return the way from the end of a line to the start of the next."""
    right, between = _left(before[2]) - GAP // 2, before[1] + LINE_GAP // 2
    way = f"M{_left(before[2]) - GAP} {before[0]}H{right}V{between}H{_left(0) - GAP // 2}"
    return _path(f"{way}V{after[0]}H{_left(0)}")


def _box(box: Box, x: int, y: int, part: Part) -> Iterator[str]:
    colour = next((colour for colour, kinds in COLOURS.values() if box.kind in kinds), "#eeeeee")
    place = f'x="{x}" y="{y}" width="{BOX}" height="{BOX_HEIGHT}"'
    yield f'<rect {place} rx="4" fill="{colour}" stroke="#999999"/>'
    small = _wrapped("; ".join(_acting(box, part)))
    baseline = y + (16 if len(small) > 1 else 20 if small else BOX_HEIGHT // 2 + 4)
    middle = x + BOX // 2
    yield _text(middle, baseline, box.words, anchor="middle", most=BOX - 8)
    for number, words in enumerate(small, 1):
        below = baseline + 1 + 11 * number
        yield _text(middle, below, words, size=9, anchor="middle", most=BOX - 8)


def _acting(box: Box, part: Part) -> list[str]:
    """Return what acts on each value before and after a layer."""
    before = ", ".join(map(short_words, box.before))
    after = ", ".join(_of_all(row, part) for row in box.after)
    return [words for words in (before and f"after {before}", after) if words]


def _of_all(row: Row, part: Part) -> str:
    """Return a row in words, and how its rate grows where a part stands for several blocks."""
    last = part.blocks[-1][part.rows.index(row)]["layer"].get("rate")
    words = short_words(row)
    return words if row["layer"].get("rate") == last else f"{words} to {last:.3g}"


def _wrapped(text: str) -> list[str]:
    """Return the words in at most two lines of about the same length."""
    if len(text) * 9 * LETTER <= BOX - 8:
        return [text] if text else []
    breaks = [at for at, char in enumerate(text) if char == " "]
    middle = min(breaks, key=lambda at: abs(at - len(text) / 2), default=len(text))
    return [line for line in (text[:middle], text[middle + 1 :]) if line]


def _legend(y: int) -> Iterator[str]:
    x = MARGIN
    for name, (colour, _) in COLOURS.items():
        place = f'x="{x}" y="{y - 10}" width="14" height="14"'
        yield f'<rect {place} fill="{colour}" stroke="#999999"/>'
        yield _text(x + 20, y + 1, name)
        x += 40 + round(len(name) * 12 * LETTER)
    yield _path(f"M{x} {y - 3}H{x + 30}", stroke=SHORTCUT)
    yield _text(x + 36, y + 1, "shortcut")
    words = f"{TIMES} n: so many equal blocks in a row, amounts of all of them"
    yield _text(x + 110, y + 1, words)


def _left(column: int) -> int:
    return CHAIN + column * (BOX + GAP)


def _text(
    x: int, y: int, words: str, *, size: int = 12, weight: str = "", anchor: str = "", most: int = 0
) -> str:
    """Return a text; one that could be wider than `most` pixels is squeezed into them."""
    options = f' font-size="{size}"' if size != 12 else ""
    options += f' font-weight="{weight}"' if weight else ""
    options += f' text-anchor="{anchor}"' if anchor else ""
    if most and len(words) * size * LETTER > most:
        options += f' textLength="{most}" lengthAdjust="spacingAndGlyphs"'
    return f'<text x="{x}" y="{y}"{options}>{escape(words)}</text>'


def _path(way: str, *, stroke: str = "#555555") -> str:
    return f'<path d="{way}" fill="none" stroke="{stroke}" marker-end="url(#arrow)"/>'
