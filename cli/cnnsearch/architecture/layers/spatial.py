"""Layers that change height and width without weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal

from cnnsearch.architecture.layers.base import Layer, Shape, map_shape
from cnnsearch.architecture.layers.geometry import Padding, slide

PoolingKind = Literal["max", "average"]


@dataclass(frozen=True)
class Resize(Layer):
    """Bilinear resizing to `height` and `width` in pixels; the aspect ratio may change."""

    height: int
    width: int

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return (height, width, channels)."""
        return self.height, self.width, map_shape(inputs)[2]


@dataclass(frozen=True)
class Pooling(Layer):
    """The maximum or average of each window of `size` * `size` pixels."""

    kind: PoolingKind
    size: int = 2
    stride: int = 2
    padding: Padding = "valid"

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return (height, width, channels)."""
        height, width, channels = map_shape(inputs)
        return (*slide(height, width, self.size, self.stride, self.padding), channels)


@dataclass(frozen=True)
class GlobalPooling(Layer):
    """The maximum or average of each channel over the whole map."""

    kind: PoolingKind

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return (channels,)."""
        return (map_shape(inputs)[2],)


@dataclass(frozen=True)
class Flatten(Layer):
    """The map as one row of features, channels changing fastest."""

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return (height * width * channels,)."""
        return (prod(map_shape(inputs)),)
