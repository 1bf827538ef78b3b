"""The architecture: rows of primitive layers with their shapes and costs, as plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cnnsearch.architecture.infeasible import InfeasibleError
from cnnsearch.architecture.layers import LAYER_TYPES, Layer, Shape
from cnnsearch.errors import RunError

IMAGE = -1  # as an input of a row: the image itself
JSON_VERSION = 1


class Row(NamedTuple):  # which is made much faster than a dataclass: a network has hundreds
    """One layer in its place; costs are for one example, shapes without the batch."""

    name: str  # "stage0.block1.conv", unique in the architecture
    layer: Layer
    inputs: tuple[int, ...]  # indices of earlier rows, or IMAGE
    output_shape: Shape
    trainable_parameters: int
    non_trainable_parameters: int
    macs: int

    @property
    def parameters(self) -> int:
        """Count all weights, trained or not."""
        return self.trainable_parameters + self.non_trainable_parameters

    def to_json(self) -> dict[str, Any]:
        """Return the row as a plain dictionary, derived values included for readers."""
        return {
            "name": self.name,
            "layer": {"type": type(self.layer).__name__, **vars(self.layer)},
            "inputs": list(self.inputs),
            "output_shape": list(self.output_shape),
            "trainable_parameters": self.trainable_parameters,
            "non_trainable_parameters": self.non_trainable_parameters,
            "macs": self.macs,
        }


@dataclass(frozen=True)
class Architecture:
    """A network as data; the last row's output is the network's."""

    input_shape: tuple[int, int, int]  # (height, width, channels) of the data
    classes: int
    rows: tuple[Row, ...]

    @property
    def trainable_parameters(self) -> int:
        """Count the weights that training changes."""
        return sum(row.trainable_parameters for row in self.rows)

    @property
    def non_trainable_parameters(self) -> int:
        """Count the weights that are kept but not trained."""
        return sum(row.non_trainable_parameters for row in self.rows)

    @property
    def parameters(self) -> int:
        """Count all weights, as Keras' `count_params` does."""
        return self.trainable_parameters + self.non_trainable_parameters

    @property
    def macs(self) -> int:
        """Count the multiply-accumulates for one image (FLOPs are twice as many)."""
        return sum(row.macs for row in self.rows)

    @property
    def depth(self) -> int:
        """Count layers with weights on the longest path, as the 18 of ResNet-18.

        Convolution and dense layers count once, self-attention twice, what a map is weighed by
        (squeeze-and-excitation, CBAM) not at all: ResNet-50 with it is still 50 layers deep.
        """
        depths = {IMAGE: 0}
        for index, row in enumerate(self.rows):
            depths[index] = row.layer.depth([depths[node] for node in row.inputs])
        return depths[len(self.rows) - 1]

    def to_json(self) -> dict[str, Any]:
        """Return the architecture as plain dictionaries and lists."""
        return {
            "version": JSON_VERSION,
            "input_shape": list(self.input_shape),
            "classes": self.classes,
            "parameters": self.parameters,
            "macs": self.macs,
            "rows": [row.to_json() for row in self.rows],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Architecture:
        """Rebuild the architecture; shapes and costs are computed again, never read.

        Raises:
            RunError: The document is damaged or of another version.
        """
        try:
            if document["version"] != JSON_VERSION:
                raise RunError(
                    f"architecture of version {document['version']}: this cnnsearch reads "
                    f"version {JSON_VERSION}; read it with the cnnsearch that wrote it"
                )
            height, width, channels = document["input_shape"]
            graph = GraphBuilder((height, width, channels))
            for row in document["rows"]:
                options = dict(row["layer"])
                layer = LAYER_TYPES[options.pop("type")](**options)
                graph.append(row["name"], layer, *row["inputs"])
            return graph.finish(document["classes"])
        except (KeyError, TypeError, ValueError, IndexError, InfeasibleError) as error:
            raise RunError(
                f"architecture is damaged ({type(error).__name__}: {error}); "
                "restore it, or search again"
            ) from error


class GraphBuilder:
    """Appends layers to a growing network and works out what each one costs."""

    def __init__(self, input_shape: tuple[int, int, int]) -> None:
        self._input_shape = input_shape
        self._shapes: list[Shape] = [input_shape]  # of the image, then of each row
        self._rows: dict[str, Row] = {}

    def shape(self, node: int) -> Shape:
        """Return the shape of row `node`, or of the image."""
        return self._shapes[node + 1]

    def append(self, name: str, layer: Layer, *inputs: int) -> int:
        """Add a row that reads rows `inputs`, and return its index.

        Raises:
            InfeasibleError: The layer does not fit its inputs.
            ValueError: The name is taken, or an input is no earlier row.
        """
        if name in self._rows:
            raise ValueError(f"two rows are called {name}")
        if min(inputs) < IMAGE or max(inputs) >= len(self._rows):
            raise ValueError(f"{name} reads a row that does not exist: {inputs}")
        shapes = [self._shapes[node + 1] for node in inputs]
        try:
            output_shape = layer.output_shape(shapes)
        except InfeasibleError as error:
            raise InfeasibleError(error.reason, where=name, setting=error.setting) from None
        self._rows[name] = Row(
            name,
            layer,
            inputs,
            output_shape,
            layer.trainable_parameters(shapes),
            layer.non_trainable_parameters(shapes),
            layer.macs(shapes),
        )
        self._shapes.append(output_shape)
        return len(self._rows) - 1

    def finish(self, classes: int) -> Architecture:
        """Return the architecture; the last row added is its output."""
        return Architecture(self._input_shape, classes, tuple(self._rows.values()))
