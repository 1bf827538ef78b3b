"""The table of a network's layers, with what each costs and sees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from cnnsearch.screen.terminal import Plainly, stdout_console
from cnnsearch.space.quantities import format_count, format_size

NOTHING = ""
Costs = Mapping[str, Any]
Row = Mapping[str, Any]


def print_architecture(title: str, costs: Costs, console: Console | None = None) -> None:
    """Print the totals of a network and a line a layer."""
    console = console or stdout_console()
    for part in (*_totals(title, costs), "", _table(costs), *_remark(costs), "", _parts(costs)):
        console.print(Plainly(part))


def layer_words(layer: Mapping[str, Any]) -> str:
    """Return what a layer is in a few words: `convolution 3x3 /2, 32 groups`."""
    kind = str(layer["type"])
    words = "".join(f" {char.lower()}" if char.isupper() else char for char in kind).strip()
    if "kind" in layer:
        variant = str(layer["kind"]).replace("_", " ")
        words = variant if kind == "Activation" else f"{variant} {words}"
    window = layer.get("kernel_size", layer.get("size"))
    parts = [f"{words} {window}x{window}" if window else words]
    parts[0] += f" /{layer['stride']}" if layer.get("stride", 1) != 1 else ""
    parts += [f"{layer['groups']:,} groups"] if layer.get("groups", 1) != 1 else []
    parts += [f"dilation {layer['dilation']}"] if layer.get("dilation", 1) != 1 else []
    parts += _padding_words(layer) if window and window > 1 else []
    parts += [f"rate {layer['rate']:g}"] if "rate" in layer else []
    return ", ".join(parts)


def _padding_words(layer: Mapping[str, Any]) -> list[str]:
    """Return how a window is padded, where that is not what is usual for the layer."""
    usual = "same" if layer["type"] == "Convolution" else "valid"
    padding = layer.get("padding", usual)
    return [] if padding == usual else [padding]


def shape_words(shape: list[int]) -> str:
    """Return a shape as people write it: `28x28x1`."""
    return "x".join(map(str, shape))


def _totals(title: str, costs: Costs) -> Iterator[RenderableType]:
    height, width = costs["image"]
    field = costs["receptive_field"]
    yield Text(f"{title} for {shape_words(costs['input_shape'])}, {costs['classes']:,} classes")
    counts = f"{costs['parameters']:,} parameters, {costs['non_trainable_parameters']:,} of these"
    yield Text(f"weights    {counts} statistics; {format_size(costs['download_size_bytes'])}")
    operations = f"{format_count(costs['macs'])} MACs, {format_count(costs['flops'])} FLOPs"
    yield Text(f"an image   {operations}, {format_size(costs['activation_memory_bytes'])} of maps")
    if costs["training"]:
        training = costs["training"]
        kept = format_size(costs["kept_memory_bytes"])
        batch = f"a batch of {training['batch_size']:,} with {training['optimizer']}"
        memory = format_size(training["memory_bytes"])
        yield Text(f"training   {memory} for {batch}; {kept} for each image")
    yield Text(f"depth      {costs['layers']:,} layers with weights on the longest path")
    whole = _first_that_sees_all(costs)
    yield Text(f"sees       {field['size']:,} pixels of an image of {height}x{width}{whole}")


def _first_that_sees_all(costs: Costs) -> str:
    """Return from where on a pixel of a map sees as much as the image holds, if it ever does."""
    side = max(costs["image"])
    for row in costs["rows"]:
        if row["receptive_field"] and row["receptive_field"]["size"] >= side:
            return f"; wide enough for all of it from {row['name']} on"
    return ""


def _table(costs: Costs) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("row", "layer", "output"):
        table.add_column(name, no_wrap=True)
    for name in ("parameters", "MACs", "kept", "sees", "jump"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in costs["rows"]:
        table.add_row(*map(Text, _cells(row)), style="dim" if row["sees_nothing_new"] else "")
    return table


def _cells(row: Row) -> list[str]:
    parameters = row["trainable_parameters"] + row["non_trainable_parameters"]
    return [
        row["name"],
        layer_words(row["layer"]),
        shape_words(row["output_shape"]),
        f"{parameters:,}" if parameters else NOTHING,
        format_count(row["macs"]) if row["macs"] else NOTHING,
        format_size(row["kept_bytes"]) if row["kept_bytes"] else NOTHING,
        _sees(row),
        f"{row['receptive_field']['jump']:,}" if row["receptive_field"] else NOTHING,
    ]


def _sees(row: Row) -> str:
    field = row["receptive_field"]
    if field is None:
        return NOTHING
    return f"{field['size']:,}{' *' if row['sees_nothing_new'] else ''}"


def _parts(costs: Costs) -> Table:
    """Return what the stem, each stage and the head cost: long tables scroll out of sight."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("part", no_wrap=True)
    table.add_column("output", no_wrap=True)
    for name in ("parameters", "", "MACs", "", "kept", ""):
        table.add_column(name, justify="right", no_wrap=True)
    for part in costs["parts"]:
        parameters = part["trainable_parameters"] + part["non_trainable_parameters"]
        amounts = (
            (f"{parameters:,}", parameters, costs["parameters"]),
            (format_count(part["macs"]), part["macs"], costs["macs"]),
            (format_size(part["kept_bytes"]), part["kept_bytes"], costs["kept_memory_bytes"]),
        )
        cells = [cell for shown, own, all_ in amounts for cell in (shown, _share(own, all_))]
        table.add_row(*map(Text, (part["name"], shape_words(part["output_shape"]), *cells)))
    return table


def _share(own: int, whole: int) -> str:
    return f"{100 * own / whole:.0f} %" if whole else NOTHING


def _remark(costs: Costs) -> Iterator[RenderableType]:
    if any(row["sees_nothing_new"] for row in costs["rows"]):
        yield Text("* sees nothing new: what comes before already sees the whole image")
