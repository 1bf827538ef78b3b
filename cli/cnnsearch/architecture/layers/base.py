"""What every primitive layer knows about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from cnnsearch.architecture.infeasible import InfeasibleError

Shape = tuple[int, ...]  # without the batch: (height, width, channels), or (features,)


@dataclass(frozen=True)
class Window:
    """The square of the input that one output pixel sees; all lengths in pixels of the input."""

    size: int = 1  # with the gaps of a dilation
    stride: int = 1
    before: tuple[int, int] = (0, 0)  # padding above and to the left


POINTWISE = Window()


@dataclass(frozen=True)
class Kept:
    """What the gradient of a layer reads of the forward pass, so that training keeps it."""

    inputs: bool = False
    output: bool = False
    own_bytes: int = 0  # for one example, beside these: such as the mask of a dropout


@dataclass(frozen=True)
class Layer(ABC):
    """One layer as plain data: its fields are what it is, its methods what it costs.

    `inputs` are the shapes of the layer's inputs, without the batch.
    """

    is_view: ClassVar[bool] = False  # the output is the input's memory, in another shape
    only_trains: ClassVar[bool] = False  # inference hands the input on as it is
    weighted_depth: ClassVar[int] = 0  # how many matrices of weights a value goes through in a row

    @abstractmethod
    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return the shape of one output example.

        Raises:
            InfeasibleError: The layer cannot be applied to these shapes.
        """

    def trainable_parameters(self, inputs: Sequence[Shape]) -> int:
        """Count the weights that training changes."""
        return 0

    def non_trainable_parameters(self, inputs: Sequence[Shape]) -> int:
        """Count the weights that are kept but not trained, such as moving averages."""
        return 0

    def macs(self, inputs: Sequence[Shape]) -> int:
        """Count the multiply-accumulates for one example (convolution and dense layers only)."""
        return 0

    def depth(self, inputs: Sequence[int]) -> int:
        """Return how many layers with weights are on the way here, given those before each input.

        The longest way counts.
        """
        return max(inputs) + self.weighted_depth

    def window(self, inputs: Sequence[Shape]) -> Window | None:
        """Return what an output pixel sees; None where it sees all and no longer has a place."""
        return POINTWISE

    def kept(self, inputs: Sequence[Shape]) -> Kept:
        """Return what training keeps for the gradient, which by default reads every input."""
        return Kept(inputs=True)


def map_shape(inputs: Sequence[Shape]) -> tuple[int, int, int]:
    """Return (height, width, channels) of the only input.

    Raises:
        InfeasibleError: The input is no map of features.
    """
    (shape,) = inputs
    if len(shape) != 3:
        raise InfeasibleError(f"needs a map of features, but its input is flat: {shape}")
    return shape[0], shape[1], shape[2]
