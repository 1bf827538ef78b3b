"""Layers that weigh channels or let pixels see each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from typing import ClassVar

from cnnsearch.architecture.layers.base import Kept, Layer, Shape, map_shape

FLOAT_BYTES = 4


@dataclass(frozen=True)
class Scale(Layer):
    """Each channel times a weight of its own, which starts as `initial`."""

    initial: float = 1.0

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return the shape of the only input."""
        return map_shape(inputs)

    def trainable_parameters(self, inputs: Sequence[Shape]) -> int:
        """Count one weight a channel."""
        return map_shape(inputs)[2]


@dataclass(frozen=True)
class SelfAttention(Layer):
    """Scaled dot-product attention of every pixel to every other (Vaswani et al. 2017).

    Queries, keys, values and the output each have a square matrix and a bias.
    """

    weighted_depth: ClassVar[int] = 2  # values, then the output; queries and keys lie beside
    heads: int  # fewer where these do not divide the channels

    def heads_for(self, channels: int) -> int:
        """Return the largest number of heads that divides both."""
        return gcd(self.heads, channels)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return the shape of the only input."""
        return map_shape(inputs)

    def trainable_parameters(self, inputs: Sequence[Shape]) -> int:
        """Count the four matrices and biases."""
        channels = map_shape(inputs)[2]
        return 4 * (channels * channels + channels)

    def macs(self, inputs: Sequence[Shape]) -> int:
        """Count the four matrices at each pixel, and two products of all pairs of pixels."""
        height, width, channels = map_shape(inputs)
        pixels = height * width
        return 4 * pixels * channels * channels + 2 * pixels * pixels * channels

    def window(self, inputs: Sequence[Shape]) -> None:
        """Return that every pixel sees the whole map."""

    def kept(self, inputs: Sequence[Shape]) -> Kept:
        """Return the input, queries, keys, values, what they give, and the weights of pairs."""
        height, width, channels = map_shape(inputs)
        pixels = height * width
        pairs = self.heads_for(channels) * pixels * pixels
        return Kept(inputs=True, own_bytes=FLOAT_BYTES * (4 * pixels * channels + 2 * pairs))
