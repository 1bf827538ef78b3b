"""Layers that change height and width without weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar, Literal

from cnnsearch.architecture.infeasible import InfeasibleError
from cnnsearch.architecture.layers.base import Kept, Layer, Shape, Window, map_shape
from cnnsearch.architecture.layers.geometry import Padding, padding_before, slide

PoolingKind = Literal["max", "average"]


@dataclass(frozen=True)
class Resize(Layer):
    """Bilinear resizing to `height` and `width` in pixels; the aspect ratio may change."""

    height: int
    width: int

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return (height, width, channels)."""
        if min(self.height, self.width) < 1:
            raise InfeasibleError("images of less than one pixel", setting="resolution")
        return self.height, self.width, map_shape(inputs)[2]

    def kept(self, inputs: Sequence[Shape]) -> Kept:
        """Return nothing: the gradient needs only the shapes."""
        return Kept()


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

    def window(self, inputs: Sequence[Shape]) -> Window:
        """Return the pooling's own window."""
        height, width, _ = map_shape(inputs)
        above, left = (
            padding_before(side, self.size, self.stride, self.padding) for side in (height, width)
        )
        return Window(self.size, self.stride, (above, left))

    def kept(self, inputs: Sequence[Shape]) -> Kept:
        """Return both sides of a maximum, to find it again; an average needs only the shapes."""
        return Kept(inputs=self.kind == "max", output=self.kind == "max")


@dataclass(frozen=True)
class GlobalPooling(Layer):
    """The maximum or average of each channel over the whole map: flat, or a map of one pixel."""

    kind: PoolingKind
    keeps_map: bool = False

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return (channels,) or (1, 1, channels)."""
        channels = map_shape(inputs)[2]
        return (1, 1, channels) if self.keeps_map else (channels,)

    def window(self, inputs: Sequence[Shape]) -> None:
        """Return that every value sees the whole map."""

    def kept(self, inputs: Sequence[Shape]) -> Kept:
        """Return both sides of a maximum, to find it again; an average needs only the shapes."""
        return Kept(inputs=self.kind == "max", output=self.kind == "max")


@dataclass(frozen=True)
class Flatten(Layer):
    """The map as one row of features, channels changing fastest."""

    is_view: ClassVar[bool] = True

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return (height * width * channels,)."""
        return (prod(map_shape(inputs)),)

    def window(self, inputs: Sequence[Shape]) -> None:
        """Return that a feature no longer has a place in a map."""

    def kept(self, inputs: Sequence[Shape]) -> Kept:
        """Return nothing: the gradient needs only the shapes."""
        return Kept()
