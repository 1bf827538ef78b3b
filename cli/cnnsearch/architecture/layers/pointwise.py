"""Layers that act on each value and keep the shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar, Literal

from cnnsearch.architecture.infeasible import InfeasibleError
from cnnsearch.architecture.layers.base import Kept, Layer, Shape

# What the gradients of TensorFlow's kernels read of the forward pass: the output alone, or the
# input, with so many intermediate results where the function is put together of several kernels.
FROM_OUTPUT = frozenset({"relu", "relu6", "tanh", "sigmoid", "softmax"})
INTERMEDIATES = {"gelu": 4, "hard_swish": 2}

NormalizationKind = Literal["batch", "layer", "group"]


class _SameShape(Layer):
    """A layer with one input whose output has the same shape."""

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return the shape of the only input."""
        (shape,) = inputs
        return shape


@dataclass(frozen=True)
class Normalization(_SameShape):
    """Scale and shift of each channel after its mean and variance are made 0 and 1.

    These are taken over a batch (Ioffe & Szegedy 2015, arXiv:1502.03167), over all channels of a
    pixel (`layer`, as in ConvNeXt), or over groups of channels of an image (Wu & He 2018,
    arXiv:1803.08494).
    """

    kind: NormalizationKind = "batch"

    def trainable_parameters(self, inputs: Sequence[Shape]) -> int:
        """Count scale and shift."""
        return 2 * inputs[0][-1]

    def non_trainable_parameters(self, inputs: Sequence[Shape]) -> int:
        """Count the moving mean and variance, which only a batch's statistics need."""
        return 2 * inputs[0][-1] if self.kind == "batch" else 0


@dataclass(frozen=True)
class Activation(_SameShape):
    """A non-linear function of each value (`softmax`: over the last axis)."""

    kind: str

    def kept(self, inputs: Sequence[Shape]) -> Kept:
        """Return the output where the slope follows from it, else the input and what it needs."""
        if self.kind in FROM_OUTPUT:
            return Kept(output=True)
        return Kept(inputs=True, own_bytes=4 * INTERMEDIATES.get(self.kind, 0) * prod(inputs[0]))


@dataclass(frozen=True)
class Dropout(_SameShape):
    """Training sets each value to zero with probability `rate`."""

    only_trains: ClassVar[bool] = True
    rate: float

    def kept(self, inputs: Sequence[Shape]) -> Kept:
        """Return the mask, a byte for each value."""
        return Kept(own_bytes=prod(inputs[0]))


@dataclass(frozen=True)
class Add(Layer):
    """The sum of inputs of one shape."""

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return the common shape."""
        if len(set(inputs)) != 1:
            raise InfeasibleError(f"cannot add different shapes: {', '.join(map(str, inputs))}")
        return inputs[0]

    def kept(self, inputs: Sequence[Shape]) -> Kept:
        """Return nothing: the gradient goes to every input as it is."""
        return Kept()
