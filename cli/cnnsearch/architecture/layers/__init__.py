"""The primitive layers: what every block is made of, and all that `networks` has to know."""

from __future__ import annotations

from cnnsearch.architecture.layers.attending import Scale, SelfAttention
from cnnsearch.architecture.layers.base import POINTWISE, Kept, Layer, Shape, Window
from cnnsearch.architecture.layers.joining import Concatenate, Multiply
from cnnsearch.architecture.layers.pointwise import Activation, Add, Dropout, Normalization
from cnnsearch.architecture.layers.reducing import ChannelPooling, LowestPadding, ZeroPadding
from cnnsearch.architecture.layers.regularizing import SpatialDropout, StochasticDepth
from cnnsearch.architecture.layers.spatial import Flatten, GlobalPooling, Pooling, Resize
from cnnsearch.architecture.layers.weighted import Convolution, Dense

LAYER_TYPES: dict[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (
        Activation,
        Add,
        ChannelPooling,
        Concatenate,
        Convolution,
        Dense,
        Dropout,
        Flatten,
        GlobalPooling,
        LowestPadding,
        Multiply,
        Normalization,
        Pooling,
        Resize,
        Scale,
        SelfAttention,
        SpatialDropout,
        StochasticDepth,
        ZeroPadding,
    )
}

__all__ = [
    "LAYER_TYPES",
    "POINTWISE",
    "Activation",
    "Add",
    "ChannelPooling",
    "Concatenate",
    "Convolution",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalPooling",
    "Kept",
    "Layer",
    "LowestPadding",
    "Multiply",
    "Normalization",
    "Pooling",
    "Resize",
    "Scale",
    "SelfAttention",
    "Shape",
    "SpatialDropout",
    "StochasticDepth",
    "Window",
    "ZeroPadding",
]
