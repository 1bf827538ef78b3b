"""Layers that make one map of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cnnsearch.architecture.infeasible import InfeasibleError
from cnnsearch.architecture.layers.base import Kept, Layer, Shape


@dataclass(frozen=True)
class Multiply(Layer):
    """The product of two maps; where one has a single row, column or channel, it is repeated."""

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return the shape of the larger input."""
        first, second = inputs
        sides = list(zip(first, second, strict=True))
        if any(one != other and 1 not in (one, other) for one, other in sides):
            raise InfeasibleError(f"cannot multiply {first} by {second}")
        return tuple(max(pair) for pair in sides)

    def depth(self, inputs: Sequence[int]) -> int:
        """Return that of the map: a gate, which is made from the map, makes no way longer."""
        return min(inputs)


@dataclass(frozen=True)
class Concatenate(Layer):
    """The inputs one after the other: below each other, or their channels."""

    axis: Literal["height", "channels"] = "channels"

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return the sum of the sides along the axis."""
        axis = {"height": 0, "channels": 2}[self.axis]
        others = {(*shape[:axis], *shape[axis + 1 :]) for shape in inputs}
        if len(others) != 1 or any(len(shape) != 3 for shape in inputs):
            raise InfeasibleError(f"cannot join different maps: {', '.join(map(str, inputs))}")
        total = sum(shape[axis] for shape in inputs)
        return (*inputs[0][:axis], total, *inputs[0][axis + 1 :])

    def kept(self, inputs: Sequence[Shape]) -> Kept:
        """Return nothing: the gradient is cut into the inputs' parts."""
        return Kept()
