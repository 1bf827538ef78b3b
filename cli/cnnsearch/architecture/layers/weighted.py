"""Layers that multiply by weights: convolution and dense."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from cnnsearch.architecture.infeasible import InfeasibleError
from cnnsearch.architecture.layers.base import Layer, Shape, Window, map_shape
from cnnsearch.architecture.layers.geometry import Padding, padding_before, slide


@dataclass(frozen=True)
class Convolution(Layer):
    """A square two-dimensional convolution; depthwise when `groups` equals the input's channels."""

    weighted_depth: ClassVar[int] = 1
    filters: int
    kernel_size: int
    stride: int = 1
    padding: Padding = "same"
    groups: int = 1
    dilation: int = 1
    bias: bool = True

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return (height, width, filters)."""
        height, width, channels = map_shape(inputs)
        if min(self.filters, self.groups) < 1:
            raise InfeasibleError(f"{self.filters} filters in {self.groups} groups")
        if channels % self.groups or self.filters % self.groups:
            parts = f"{channels} channels and {self.filters} filters"
            raise InfeasibleError(f"{self.groups} groups do not divide {parts}", setting="groups")
        if self.stride > 1 and self.dilation > 1:
            reason = "a stride and a dilation at once: TensorFlow has no such kernel"
            raise InfeasibleError(reason, setting="dilation")
        height, width = slide(height, width, self._reach(), self.stride, self.padding)
        return height, width, self.filters

    def trainable_parameters(self, inputs: Sequence[Shape]) -> int:
        """Count kernel and bias; the dilation's gaps hold no weights."""
        return self._kernel(inputs) + (self.filters if self.bias else 0)

    def macs(self, inputs: Sequence[Shape]) -> int:
        """Count kernel * output pixels; adding the bias is free, as torchvision counts."""
        height, width, _ = inputs[0]
        height, width = slide(height, width, self._reach(), self.stride, self.padding)
        return height * width * self._kernel(inputs)

    def window(self, inputs: Sequence[Shape]) -> Window:
        """Return the kernel's window, with the gaps of its dilation."""
        height, width, _ = map_shape(inputs)
        above, left = (
            padding_before(side, self._reach(), self.stride, self.padding)
            for side in (height, width)
        )
        return Window(self._reach(), self.stride, (above, left))

    def _reach(self) -> int:
        return (self.kernel_size - 1) * self.dilation + 1

    def _kernel(self, inputs: Sequence[Shape]) -> int:
        return self.kernel_size**2 * (inputs[0][2] // self.groups) * self.filters


@dataclass(frozen=True)
class Dense(Layer):
    """A fully connected layer on a flat input."""

    weighted_depth: ClassVar[int] = 1
    units: int
    bias: bool = True

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return (units,)."""
        (shape,) = inputs
        if len(shape) != 1:
            raise InfeasibleError(f"needs a flat input, but got a map: {shape}")
        if self.units < 1:
            raise InfeasibleError(f"a layer of {self.units} units")
        return (self.units,)

    def trainable_parameters(self, inputs: Sequence[Shape]) -> int:
        """Count the matrix and the bias."""
        return inputs[0][0] * self.units + (self.units if self.bias else 0)

    def macs(self, inputs: Sequence[Shape]) -> int:
        """Count the entries of the matrix; adding the bias is free."""
        return inputs[0][0] * self.units

    def window(self, inputs: Sequence[Shape]) -> None:
        """Return that a feature has no place in a map."""
