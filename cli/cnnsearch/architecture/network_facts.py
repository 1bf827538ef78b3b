"""What `inspect` tells of one network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnnsearch.architecture.layers import Convolution, Flatten
from cnnsearch.architecture.limits import QUANTITIES, TRAINING_QUANTITIES
from cnnsearch.architecture.receptive_field import seen_image

if TYPE_CHECKING:
    from cnnsearch.architecture.graph import Architecture
    from cnnsearch.space import TrainingSettings

SHOWN = (
    "parameters",
    "download_size",
    "macs",
    "activation_memory",
    "training_memory",
    "layers",
    "receptive_field",
)
# CBAM's 7x7, and what resizes before `convnext` and `self_attention` with a window of its stride.
FIXED_WINDOWS = (".pixels_conv", ".conv_resize")
SQUEEZE = ".attention_squeeze"


@dataclass(frozen=True)
class Network:
    """What is told of one network."""

    amounts: dict[str, int]  # of the quantities in SHOWN
    image_side: int  # of the image as the network sees it
    last_side: int  # the shorter one of the last map
    is_flattened: bool  # a dense layer joins all pixels of the last map
    narrow: tuple[str, ...]  # parts with a kernel larger than their map: "stage3"
    thin: tuple[str, ...]  # parts whose attention has a single channel in the middle


def network_of(architecture: Architecture, training: TrainingSettings) -> Network:
    """Return what is told of a network that is trained so."""
    maps = [row.output_shape for row in architecture.rows if len(row.output_shape) == 3]
    return Network(
        amounts={name: _amount(name, architecture, training) for name in SHOWN},
        image_side=max(seen_image(architecture)),
        last_side=min((maps or [architecture.input_shape])[-1][:2]),
        is_flattened=any(isinstance(row.layer, Flatten) for row in architecture.rows),
        narrow=tuple(_narrow_parts(architecture)),
        thin=tuple(_thin_parts(architecture)),
    )


def _amount(name: str, architecture: Architecture, training: TrainingSettings) -> int:
    if name in TRAINING_QUANTITIES:
        return TRAINING_QUANTITIES[name](architecture, training)
    return QUANTITIES[name](architecture)


def _thin_parts(architecture: Architecture) -> Sequence[str]:
    """Return the parts whose attention knows but one number of all channels."""
    found = {
        row.name.split(".")[0]: None
        for row in architecture.rows
        if row.name.endswith(SQUEEZE) and row.output_shape[-1] == 1
    }
    return list(found)


def _narrow_parts(architecture: Architecture) -> Sequence[str]:
    """Return the parts with a kernel that is larger than the map it slides over.

    Windows that no setting chooses do not count.
    """
    shapes = (architecture.input_shape, *(row.output_shape for row in architecture.rows))
    found = {
        row.name.split(".")[0]: None
        for row in architecture.rows
        if isinstance(row.layer, Convolution)
        and not row.name.endswith(FIXED_WINDOWS)
        and (row.layer.kernel_size - 1) * row.layer.dilation >= min(shapes[row.inputs[0] + 1][:2])
    }
    return list(found)
