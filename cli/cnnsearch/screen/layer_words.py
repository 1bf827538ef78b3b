"""What a layer is, in words: in full for wide tables, in short for narrow ones and drawings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]
SHORT = {
    "convolution": "conv",
    "batch normalization": "batch norm",
    "layer normalization": "layer norm",
    "group normalization": "group norm",
    "average global pooling": "global average",
    "max global pooling": "global max",
    "average pooling": "average",
    "max pooling": "max",
    "stochastic depth, rate": "skip rate",
    "dropout, rate": "dropout",
}
SHORT_NAMES = {
    "activation": "act",
    "attention": "att",
    "concatenate": "cat",
    "shortcut": "short",
    "stochastic_depth": "skip",
    "probabilities": "probs",
}
_PLACE = re.compile(r"\b(stage|block)(?=\d)")


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
    parts += [f"rate {layer['rate']:.3g}"] if "rate" in layer else []
    return ", ".join(parts)


def row_words(row: Row) -> str:
    """Return what the layer of a row is: `depthwise` where each channel is seen by itself."""
    layer = row["layer"]
    if not _is_depthwise(row):
        return layer_words(layer)
    return f"depthwise {layer_words({**layer, 'groups': 1})}"


def short_words(row: Row) -> str:
    """Return the same in short: `conv 3x3 /2`."""
    words = row_words(row)
    for long, short in SHORT.items():
        words = words.replace(long, short)
    return words.replace("depthwise conv", "depthwise")


def short_name(name: str) -> str:
    """Return the name of a row in short: `s6.b3.conv2`."""
    name = _PLACE.sub(lambda match: match[1][0], name)
    for long, short in SHORT_NAMES.items():
        name = name.replace(long, short)
    return name


def shape_words(shape: list[int]) -> str:
    """Return a shape as people write it: `28x28x1`."""
    return "x".join(map(str, shape))


def _is_depthwise(row: Row) -> bool:
    layer, height_width = row["layer"], row["output_shape"][:2]
    if layer.get("groups", 1) == 1 or layer["groups"] != layer.get("filters"):
        return False
    one_channel_each = layer["kernel_size"] ** 2 * layer["filters"]
    return bool(row["macs"] == one_channel_each * height_width[0] * height_width[1])


def _padding_words(layer: Mapping[str, Any]) -> list[str]:
    """Return how a window is padded, where that is not what is usual for the layer."""
    usual = "same" if layer["type"] == "Convolution" else "valid"
    padding = layer.get("padding", usual)
    return [] if padding == usual else [padding]
