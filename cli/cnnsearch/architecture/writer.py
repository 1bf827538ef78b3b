"""How stem, blocks and head write their rows: one part of the network at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cnnsearch.architecture.graph import GraphBuilder
from cnnsearch.architecture.layers import (
    Activation,
    Convolution,
    Dropout,
    Layer,
    Normalization,
    Shape,
)


@dataclass(frozen=True)
class Writer:
    """Writes the rows of one named part; every method returns the new row's index."""

    graph: GraphBuilder
    part: str  # "stage0.block1": the first half of each row's name
    activation: str
    normalization: Literal["batch", "none"]

    def shape(self, node: int) -> Shape:
        """Return the shape of row `node`."""
        return self.graph.shape(node)

    def add(self, name: str, layer: Layer, *inputs: int) -> int:
        """Append any layer as `<part>.<name>`."""
        return self.graph.append(f"{self.part}.{name}", layer, *inputs)

    def convolve(
        self, node: int, filters: int, kernel_size: int, stride: int = 1, *, suffix: str = ""
    ) -> int:
        """Append a convolution and its normalization, or a bias where nothing is normalized.

        A normalization subtracts the mean and adds a shift of its own, so a bias before it
        would be a weight without effect.
        """
        convolution = Convolution(filters, kernel_size, stride, bias=self.normalization == "none")
        node = self.add(f"conv{suffix}", convolution, node)
        if self.normalization == "none":
            return node
        return self.add(f"norm{suffix}", Normalization(self.normalization), node)

    def activate(self, node: int, *, suffix: str = "") -> int:
        """Append the network's activation."""
        return self.add(f"activation{suffix}", Activation(self.activation), node)

    def drop(self, node: int, rate: float, *, suffix: str = "") -> int:
        """Append dropout, or nothing where the rate is zero."""
        return self.add(f"dropout{suffix}", Dropout(rate), node) if rate else node
