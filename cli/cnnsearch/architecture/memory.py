"""How much memory a network takes, in bytes of 32-bit numbers, by arithmetic.

What a framework adds is not counted: its code, the workspace of a convolution, memory that it
keeps for later. What a compiler saves by fusing layers is not counted either.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from cnnsearch.architecture.graph import IMAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnsearch.architecture.graph import Architecture
    from cnnsearch.architecture.layers import Layer, Shape
    from cnnsearch.space import TrainingSettings

BYTES = 4  # of a 32-bit number
# Numbers that an optimizer keeps for each weight: two averages, or the momentum.
OPTIMIZER_NUMBERS = {"adam": 2, "adamw": 2, "sgd": 1}


def download_size(architecture: Architecture) -> int:
    """Return the bytes of all weights, trained or not: what a client has to download."""
    return BYTES * architecture.parameters


def activation_memory(architecture: Architecture) -> int:
    """Return the most bytes that images and maps take at once when one image is predicted."""
    return activation_peak(architecture)[0]


def activation_peak(architecture: Architecture) -> tuple[int, int]:
    """Return the most bytes that images and maps take at once, and the first row where they do.

    A row's output is held until the last row that reads it is done. Dropout does nothing then,
    and flattening copies nothing.
    """
    owners = _owners(architecture, lambda layer: layer.is_view or layer.only_trains)
    last_reader = {
        owners[node]: index for index, row in enumerate(architecture.rows) for node in row.inputs
    }
    held = {IMAGE: BYTES * prod(architecture.input_shape)}
    peak, at = held[IMAGE], IMAGE
    for index, row in enumerate(architecture.rows):
        if owners[index] == index:
            held[index] = BYTES * prod(row.output_shape)
        if sum(held.values()) > peak:
            peak, at = sum(held.values()), index
        for node in {owners[node] for node in row.inputs}:
            if last_reader[node] == index:
                del held[node]
    return peak, at


def traffic(architecture: Architecture) -> int:
    """Return the bytes of all maps that predicting one image writes, one after the other."""
    return BYTES * sum(prod(row.output_shape) for row in architecture.rows)


def kept_memory(architecture: Architecture) -> int:
    """Return the bytes that training keeps of the forward pass of one image."""
    return sum(kept_bytes(architecture).values())


def kept_bytes(architecture: Architecture) -> dict[int, int]:
    """Return what is kept of each row's forward pass, and of the image, where it is any.

    A map that several gradients read is kept once. Before the first weight nothing is kept:
    nobody asks for a gradient there.
    """
    owners = _owners(architecture, lambda layer: layer.is_view)
    shapes: dict[int, Shape] = {IMAGE: architecture.input_shape}
    trained = {IMAGE: False}
    own: dict[int, int] = {}
    kept: set[int] = set()
    for index, row in enumerate(architecture.rows):
        shapes[index] = row.output_shape
        trained[index] = row.trainable_parameters > 0 or any(map(trained.get, row.inputs))
        if trained[index]:
            gradient = row.layer.kept([shapes[node] for node in row.inputs])
            kept |= {owners[node] for node in row.inputs if gradient.inputs}
            kept |= {owners[index]} if gradient.output else set()
            own[index] = gradient.own_bytes
    sizes = {
        node: own.get(node, 0) + BYTES * prod(shapes[node]) * (node in kept) for node in shapes
    }
    return {node: size for node, size in sizes.items() if size}


def training_memory(architecture: Architecture, training: TrainingSettings) -> int:
    """Return the bytes of a training step: weights, gradients, optimizer, what a batch keeps."""
    numbers = 1 + OPTIMIZER_NUMBERS[training.optimizer]  # and the gradient, for each weight
    weights = BYTES * (architecture.parameters + numbers * architecture.trainable_parameters)
    return weights + training.batch_size * kept_memory(architecture)


def _owners(architecture: Architecture, hands_on: Callable[[Layer], bool]) -> dict[int, int]:
    """Return the row, or the image, whose memory holds each row's output."""
    owners = {IMAGE: IMAGE}
    for index, row in enumerate(architecture.rows):
        owners[index] = owners[row.inputs[0]] if hands_on(row.layer) else index
    return owners
