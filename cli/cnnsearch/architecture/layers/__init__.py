"""The primitive layers: what every block is made of, and all that `networks` has to know."""

from __future__ import annotations

from cnnsearch.architecture.layers.base import Kept, Layer, Shape, Window
from cnnsearch.architecture.layers.pointwise import Activation, Add, Dropout, Normalization
from cnnsearch.architecture.layers.spatial import Flatten, GlobalPooling, Pooling, Resize
from cnnsearch.architecture.layers.weighted import Convolution, Dense

LAYER_TYPES: dict[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (
        Activation,
        Add,
        Convolution,
        Dense,
        Dropout,
        Flatten,
        GlobalPooling,
        Normalization,
        Pooling,
        Resize,
    )
}

__all__ = [
    "LAYER_TYPES",
    "Activation",
    "Add",
    "Convolution",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalPooling",
    "Kept",
    "Layer",
    "Normalization",
    "Pooling",
    "Resize",
    "Shape",
    "Window",
]
