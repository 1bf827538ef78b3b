"""What every primitive layer knows about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from cnnsearch.architecture.infeasible import InfeasibleError

Shape = tuple[int, ...]  # without the batch: (height, width, channels), or (features,)


@dataclass(frozen=True)
class Layer(ABC):
    """One layer as plain data: its fields are what it is, its methods what it costs.

    `inputs` are the shapes of the layer's inputs, without the batch.
    """

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


def map_shape(inputs: Sequence[Shape]) -> tuple[int, int, int]:
    """Return (height, width, channels) of the only input.

    Raises:
        InfeasibleError: The input is no map of features.
    """
    (shape,) = inputs
    if len(shape) != 3:
        raise InfeasibleError(f"needs a map of features, but its input is flat: {shape}")
    return shape[0], shape[1], shape[2]
