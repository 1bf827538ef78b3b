"""A network on the screen: its totals, settings and limits, and the tables of its layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnnsearch.screen.layer_table import layers, subtotals
from cnnsearch.screen.layer_words import shape_words
from cnnsearch.screen.setting_words import telling_settings
from cnnsearch.screen.terminal import print_plainly, stdout_console
from cnnsearch.space.quantities import format_count, format_size, plural

LABEL_WIDTH = 9
Described = Mapping[str, Any]


def print_architecture(
    described: Described, console: Console | None = None, *, every_row: bool = False
) -> None:
    """Print the totals of a network and a line a layer, or a block where they are many.

    Args:
        described: Its title and costs; its settings and limits where they are known.
        console: Where to; else stdout.
        every_row: Whether to print each layer, however many they are.
    """
    console = console or stdout_console()
    shape, classes = shape_words(described["input_shape"]), described["classes"]
    print_plainly(console, f"{described['title']} for {shape}, {classes:,} classes")
    print_plainly(console, *_over(described), _facts(described), "")
    print_plainly(console, *layers(described, console.width, every_row=every_row))
    print_plainly(console, "", *subtotals(described, console.width))


def _over(described: Described) -> list[Text]:
    """Return a line on the limits that are broken."""
    broken = [limit["text"] for limit in described.get("limits", ()) if limit["holds"] is False]
    return [Text(f"over the limits: {', '.join(broken)}", "bold red")] if broken else []


def _facts(described: Described) -> Table:
    """Return the totals, each with its label, which long lines do not run under."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, min_width=LABEL_WIDTH)
    table.add_column(overflow="fold")
    for label, words in (*_totals(described), *_about(described)):
        table.add_row(Text(label), Text(words))
    return table


def _totals(costs: Described) -> Iterator[tuple[str, str]]:
    height, width = costs["image"]
    counts = f"{costs['parameters']:,} parameters, {costs['non_trainable_parameters']:,} of these"
    yield "weights", f"{counts} statistics; {format_size(costs['download_size_bytes'])}"
    operations = f"{format_count(costs['macs'])} MACs, {format_count(costs['flops'])} FLOPs"
    maps = f"{format_size(costs['activation_memory_bytes'])} of maps at most"
    yield "an image", f"{operations}; {maps}, at {costs['activation_memory_peaks_at']}"
    if costs["training"]:
        training = costs["training"]
        kept = format_size(costs["kept_memory_bytes"])
        batch = f"a batch of {training['batch_size']:,} with {training['optimizer']}"
        memory = format_size(training["memory_bytes"])
        yield "training", f"{memory} for {batch}; {kept} for each image{_most_kept(costs)}"
    yield "depth", f"{plural(costs['layers'], 'layer')} with weights on the longest path"
    field = costs["receptive_field"]["size"]
    whole = _first_that_sees_all(costs)
    yield "sees", f"{plural(field, 'pixel')} of an image of {height}x{width}{whole}"


def _about(described: Described) -> Iterator[tuple[str, str]]:
    """Yield what was drawn, which limits it keeps, and which strides small images leave out."""
    limits = [limit["text"] for limit in described.get("limits", ()) if limit["holds"] is not False]
    if limits:
        yield "limits", ", ".join(limits)
    if described.get("left_out"):
        places = ", ".join(map(_left_out, described["left_out"]))
        yield "left out", f"{places} (smallest_map {described['smallest_map']})"
    if described.get("settings"):
        yield "settings", telling_settings([described["settings"]])[0]


def _left_out(place: Mapping[str, Any]) -> str:
    words = f"{place['kind']} of {place['part']}"
    return words if place["left"] == 1 else f"{words} ({place['given']} to {place['left']})"


def _most_kept(costs: Described) -> str:
    """Return the part that keeps the most of each image for its training."""
    most = max(costs["parts"], key=lambda part: int(part["kept_bytes"]))
    share = most["kept_bytes"] / max(costs["kept_memory_bytes"], 1)
    return f", {100 * share:.0f} % of it in {most['name']}" if share else ""


def _first_that_sees_all(costs: Described) -> str:
    """Return from where on a pixel of a map sees as much as the image holds, if it ever does."""
    side = max(costs["image"])
    for row in costs["rows"]:
        if row["receptive_field"] and row["receptive_field"]["size"] >= side:
            return f"; wide enough for all of it from {row['name']} on"
    return ""
