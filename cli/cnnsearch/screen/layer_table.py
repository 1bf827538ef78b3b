"""The tables of a network: a line a layer or a block, and a line a stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from cnnsearch.screen.blocks import Part, parts
from cnnsearch.screen.fitting import Column, Layout, fitting, forms, printed
from cnnsearch.screen.layer_words import Row, row_words, shape_words, short_name, short_words
from cnnsearch.space.quantities import format_count, format_size

NOTHING = ""
LONG = 60  # rows; a network of more is told a block a line, unless every row is asked for
LEAST_WORDS, LEAST_BLOCK = 13, 20  # cells of a wrapped layer, and of a block's layers
LEAST_BYTES = 4  # of what is kept: the coin that stochastic depth tosses is not told
DISPENSABLE = ("jump", "sees", "kept")  # columns, the first to go first


def layers(costs: Mapping[str, Any], width: int, *, every_row: bool) -> Iterator[RenderableType]:
    """Yield the table of layers, or of blocks where they are many."""
    rows = costs["rows"]
    if every_row or len(rows) <= LONG:
        dim = [row["sees_nothing_new"] for row in rows]
        yield from printed(fitting(_of_rows(rows), width), dim)
    else:
        found = parts(rows)
        dim = [part.sees_nothing_new for part in found]
        yield from printed(fitting(_of_parts(found), width), dim)
        yield Text(f"Equal blocks share a line; --all prints all {len(rows):,} layers.")
    if any(dim):
        yield Text("* sees nothing new: what comes before already sees the whole image")


def layer_columns(costs: Mapping[str, Any]) -> Sequence[Column]:
    """Return the table of layers, or of blocks where they are many, for any width."""
    rows = costs["rows"]
    wide = _of_rows(rows) if len(rows) <= LONG else _of_parts(parts(rows))
    return next(wide).columns


def subtotals(costs: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    """Yield what the stem, each stage and the head cost: long tables scroll out of sight."""
    own = costs["parts"]
    parameters = [part["trainable_parameters"] + part["non_trainable_parameters"] for part in own]
    macs, kept = ([part[name] for part in own] for name in ("macs", "kept_bytes"))
    columns = [
        Column("part", [part["name"] for part in own], is_number=False),
        Column("output", [shape_words(part["output_shape"]) for part in own], is_number=False),
        Column("parameters", [f"{amount:,}" for amount in parameters]),
        Column("", _shares(parameters, costs["parameters"])),
        Column("MACs", list(map(format_count, macs))),
        Column(" ", _shares(macs, costs["macs"])),
        Column("kept", list(map(format_size, kept))),
        Column("  ", _shares(kept, costs["kept_memory_bytes"])),
    ]
    order = ["  ", "kept", " ", ""]
    yield from printed(Layout(fitting(forms(columns, order), width).columns))


def _of_rows(rows: Sequence[Row]) -> Iterator[Layout]:
    """Yield the forms of the table: the most telling first, the narrowest last."""
    names, words = [row["name"] for row in rows], [row_words(row) for row in rows]
    numbers = _numbers(rows)
    yield Layout([*_words(names, words), *numbers])
    in_short = _words([*map(short_name, names)], [*map(short_words, rows)])
    yield Layout([*in_short, *numbers])
    wrapped = _words([*map(short_name, names)], [*map(short_words, rows)], LEAST_WORDS)
    yield from chain(
        forms([*in_short, *_numbers(rows, in_short=True)], DISPENSABLE[:1]),
        forms([*wrapped, *_numbers(rows, in_short=True)], DISPENSABLE),
    )


def _of_parts(found: Sequence[Part]) -> Iterator[Layout]:
    names, words = [part.name for part in found], [part.words for part in found]
    shown = [
        {
            **part.last,
            "trainable_parameters": part.parameters,
            "non_trainable_parameters": 0,
            "macs": part.total("macs"),
            "kept_bytes": part.total("kept_bytes"),
            "sees_nothing_new": part.sees_nothing_new,
        }
        for part in found
    ]
    yield Layout([*_words(names, words), *_numbers(shown)])
    for least in (2 * LEAST_BLOCK, LEAST_BLOCK):
        yield Layout([*_words(names, words, least), *_numbers(shown)])
    windows = [_only_windows(text) for text in words]
    in_short = _words([*map(short_name, names)], windows, LEAST_BLOCK)
    yield from forms([*in_short, *_numbers(shown, in_short=True)], DISPENSABLE)


def _only_windows(words: str) -> str:
    """Return a convolution as its window alone: what else has a window is called by its name."""
    return words.replace("conv ", "").replace("squeeze-excite", "squeeze")


def _words(names: list[str], words: list[str], least: int | None = None) -> list[Column]:
    return [
        Column("row", names, is_number=False),
        Column("layer", words, is_number=False, least=least),
    ]


def _numbers(rows: Sequence[Row], *, in_short: bool = False) -> list[Column]:
    weights = [row["trainable_parameters"] + row["non_trainable_parameters"] for row in rows]
    count = format_count if in_short else "{:,}".format
    outputs = [shape_words(row["output_shape"]) for row in rows]
    kept = [row["kept_bytes"] for row in rows]
    return [
        Column("output", outputs, is_number=False),
        Column(
            "weights" if in_short else "parameters",
            [count(amount) if amount else NOTHING for amount in weights],
        ),
        Column("MACs", [format_count(row["macs"]) if row["macs"] else NOTHING for row in rows]),
        Column("kept", [format_size(size) if size >= LEAST_BYTES else NOTHING for size in kept]),
        Column("sees", list(map(_sees, rows))),
        Column("jump", list(map(_jump, rows))),
    ]


def _sees(row: Row) -> str:
    field = row["receptive_field"]
    if field is None:
        return NOTHING
    return f"{field['size']:,}{' *' if row['sees_nothing_new'] else ''}"


def _jump(row: Row) -> str:
    return f"{row['receptive_field']['jump']:,}" if row["receptive_field"] else NOTHING


def _shares(amounts: Sequence[int], whole: int) -> list[str]:
    return [f"{100 * own / whole:.0f} %" if whole else NOTHING for own in amounts]
