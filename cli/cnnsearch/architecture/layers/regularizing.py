"""Layers that act only while training, on whole channels or whole maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from cnnsearch.architecture.layers.base import Kept, Layer, Shape, map_shape


@dataclass(frozen=True)
class SpatialDropout(Layer):
    """Training sets each channel to zero with probability `rate` (Tompson et al. 2015)."""

    only_trains: ClassVar[bool] = True
    rate: float

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return the shape of the only input."""
        return map_shape(inputs)

    def kept(self, inputs: Sequence[Shape]) -> Kept:
        """Return the mask, a byte for each channel."""
        return Kept(own_bytes=map_shape(inputs)[2])


@dataclass(frozen=True)
class StochasticDepth(Layer):
    """Training sets the whole map to zero with probability `rate` (Huang et al. 2016)."""

    only_trains: ClassVar[bool] = True
    rate: float

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return the shape of the only input."""
        return map_shape(inputs)

    def kept(self, inputs: Sequence[Shape]) -> Kept:
        """Return the mask, a byte for each image."""
        return Kept(own_bytes=1)
