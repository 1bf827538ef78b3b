"""Layers that change the map's borders or its channels without weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnnsearch.architecture.layers.base import Kept, Layer, Shape, Window, map_shape
from cnnsearch.architecture.layers.spatial import PoolingKind


@dataclass(frozen=True)
class _Border(Layer):
    """So many more pixels on all four sides."""

    pixels: int

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return (height, width, channels)."""
        height, width, channels = map_shape(inputs)
        return height + 2 * self.pixels, width + 2 * self.pixels, channels

    def window(self, inputs: Sequence[Shape]) -> Window:
        """Return one pixel, moved by the border."""
        return Window(before=(self.pixels, self.pixels))

    def kept(self, inputs: Sequence[Shape]) -> Kept:
        """Return nothing: the gradient needs only the shapes."""
        return Kept()


@dataclass(frozen=True)
class ZeroPadding(_Border):
    """A border of zeros."""


@dataclass(frozen=True)
class LowestPadding(_Border):
    """A border of minus infinity, which the maximum of a window never is."""


@dataclass(frozen=True)
class ChannelPooling(Layer):
    """The maximum or average of all channels at each pixel."""

    kind: PoolingKind

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return (height, width, 1)."""
        height, width, _ = map_shape(inputs)
        return height, width, 1

    def kept(self, inputs: Sequence[Shape]) -> Kept:
        """Return both sides of a maximum, to find it again; an average needs only the shapes."""
        return Kept(inputs=self.kind == "max", output=self.kind == "max")
