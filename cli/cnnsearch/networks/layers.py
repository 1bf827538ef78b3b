"""The table from primitive layers to Keras layers: all that changes with the framework."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import gcd
from typing import Any, cast
from zlib import crc32

import keras

from cnnsearch.architecture import layers
from cnnsearch.networks.initial import Fans, glorot, initializer

# How much of the old averages a step keeps. With Keras' own 0.99, 37 % of the starting values are
# left after 100 steps, a first rung: the default space's first guess on fashion-mnist-mini then
# has a validation accuracy of 0.28 where 0.9 gives 0.79 (after 50 steps 0.11 against 0.67).
NORMALIZATION_MOMENTUM = 0.9
NORMALIZATION_EPSILON = 1e-3  # Keras' and EfficientNet's (ResNet: 1.001e-5 in Keras)
SMALL_EPSILON = 1e-5  # of layer and group normalization: PyTorch's (ConvNeXt's own code: 1e-6)
GROUPS = 32  # Wu & He 2018, table 3; fewer where they would not divide the channels


@dataclass(frozen=True)
class Place:
    """Where a Keras layer stands: what is the same for every kind of layer."""

    name: str
    seed: int  # of the model
    shape: tuple[int, ...]  # of the first input, without the batch
    next_activation: str | None  # the first one that this row's values go through
    dtype_policy: keras.DTypePolicy

    @property
    def channels(self) -> int:
        """Return the channels of the first input."""
        return self.shape[-1]

    @property
    def options(self) -> dict[str, Any]:
        """Return the arguments that every Keras layer takes."""
        return {"name": self.name, "dtype": self.dtype_policy}

    @property
    def own_seed(self) -> int:
        """Return a seed that depends on the row's name only, not on the rows around it."""
        return crc32(f"{self.seed}/{self.name}".encode())

    def seed_of(self, part: str) -> int:
        """Return a seed for one of several kernels of the row."""
        return crc32(f"{self.seed}/{self.name}/{part}".encode())

    def initializer(self, fans: Fans) -> keras.initializers.Initializer:
        """Return how the row's kernel starts."""
        return initializer(fans, self.next_activation, self.own_seed)


def _resize(layer: layers.Resize, place: Place) -> keras.layers.Layer:
    return keras.layers.Resizing(layer.height, layer.width, **place.options)


def _convolution(layer: layers.Convolution, place: Place) -> keras.layers.Layer:
    options = {
        "kernel_size": layer.kernel_size,
        "strides": layer.stride,
        "padding": layer.padding,
        "dilation_rate": layer.dilation,
        "use_bias": layer.bias,
        **place.options,
    }
    window = layer.kernel_size**2
    fans = Fans(window * place.channels // layer.groups, window * layer.filters // layer.groups)
    if layer.groups == place.channels > 1:
        return keras.layers.DepthwiseConv2D(
            depth_multiplier=layer.filters // layer.groups,
            depthwise_initializer=place.initializer(fans),
            **options,
        )
    return keras.layers.Conv2D(
        layer.filters, groups=layer.groups, kernel_initializer=place.initializer(fans), **options
    )


def _dense(layer: layers.Dense, place: Place) -> keras.layers.Layer:
    start = place.initializer(Fans(place.channels, layer.units))
    return keras.layers.Dense(
        layer.units, use_bias=layer.bias, kernel_initializer=start, **place.options
    )


def _normalization(layer: layers.Normalization, place: Place) -> keras.layers.Layer:
    if layer.kind == "layer":
        return keras.layers.LayerNormalization(epsilon=SMALL_EPSILON, **place.options)
    if layer.kind == "group":
        groups = gcd(place.channels, GROUPS)
        return keras.layers.GroupNormalization(groups, epsilon=SMALL_EPSILON, **place.options)
    return keras.layers.BatchNormalization(
        momentum=NORMALIZATION_MOMENTUM, epsilon=NORMALIZATION_EPSILON, **place.options
    )


def _activation(layer: layers.Activation, place: Place) -> keras.layers.Layer:
    options = place.options
    if layer.kind == "softmax":
        options["dtype"] = "float32"  # probabilities need more than the 11 bits of float16
    return keras.layers.Activation(layer.kind, **options)


def _pooling(layer: layers.Pooling, place: Place) -> keras.layers.Layer:
    kinds = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
    return kinds[layer.kind](
        layer.size, strides=layer.stride, padding=layer.padding, **place.options
    )


def _global_pooling(layer: layers.GlobalPooling, place: Place) -> keras.layers.Layer:
    kinds = {
        "max": keras.layers.GlobalMaxPooling2D,
        "average": keras.layers.GlobalAveragePooling2D,
    }
    return kinds[layer.kind](keepdims=layer.keeps_map, **place.options)


def _flatten(layer: layers.Flatten, place: Place) -> keras.layers.Layer:
    return keras.layers.Flatten(**place.options)


def _dropout(layer: layers.Dropout, place: Place) -> keras.layers.Layer:
    return keras.layers.Dropout(layer.rate, seed=place.own_seed, **place.options)


def _spatial_dropout(layer: layers.SpatialDropout, place: Place) -> keras.layers.Layer:
    return keras.layers.SpatialDropout2D(layer.rate, seed=place.own_seed, **place.options)


def _stochastic_depth(layer: layers.StochasticDepth, place: Place) -> keras.layers.Layer:
    one_draw_an_image = (None, 1, 1, 1)
    return keras.layers.Dropout(
        layer.rate, noise_shape=one_draw_an_image, seed=place.own_seed, **place.options
    )


def _zero_padding(layer: layers.ZeroPadding, place: Place) -> keras.layers.Layer:
    return keras.layers.ZeroPadding2D(layer.pixels, **place.options)


def _lowest_padding(layer: layers.LowestPadding, place: Place) -> keras.layers.Layer:
    """Return a model of Keras' own operation: of its layers, none pads with anything but zeros."""
    image = keras.Input(place.shape, dtype=place.dtype_policy.compute_dtype)
    border = (layer.pixels, layer.pixels)
    sides = ((0, 0), border, border, (0, 0))
    padded = keras.ops.pad(image, sides, constant_values=float("-inf"))
    return keras.Model(image, padded, name=place.name)


def _channel_pooling(layer: layers.ChannelPooling, place: Place) -> keras.layers.Layer:
    """Return a model of Keras' own layers, so that whoever loads it needs nothing of ours."""
    kinds = {
        "max": keras.layers.GlobalMaxPooling1D,
        "average": keras.layers.GlobalAveragePooling1D,
    }
    height, width = place.shape[:2]
    steps = [
        keras.layers.Reshape((height * width, place.channels), dtype=place.dtype_policy),
        keras.layers.Permute((2, 1), dtype=place.dtype_policy),
        kinds[layer.kind](dtype=place.dtype_policy),
        keras.layers.Reshape((height, width, 1), dtype=place.dtype_policy),
    ]
    return keras.Sequential(steps, name=place.name)


def _multiply(layer: layers.Multiply, place: Place) -> keras.layers.Layer:
    return keras.layers.Multiply(**place.options)


def _concatenate(layer: layers.Concatenate, place: Place) -> keras.layers.Layer:
    axis = {"height": 1, "channels": 3}[layer.axis]
    return keras.layers.Concatenate(axis, **place.options)


def _scale(layer: layers.Scale, place: Place) -> keras.layers.Layer:
    return keras.layers.EinsumDense(
        "bhwc,c->bhwc",
        output_shape=place.shape,
        kernel_initializer=keras.initializers.Constant(layer.initial),
        **place.options,
    )


def _self_attention(layer: layers.SelfAttention, place: Place) -> keras.layers.Layer:
    """Return the layer with its weights drawn: Keras would give all four kernels the same."""
    heads, channels = layer.heads_for(place.channels), place.channels
    attention = keras.layers.MultiHeadAttention(
        heads,
        channels // heads,
        attention_axes=(1, 2),
        kernel_initializer="zeros",
        **place.options,
    )
    attention.build((None, *place.shape), (None, *place.shape))
    for part in ("query", "key", "value", "output"):
        kernel = getattr(attention, f"{part}_dense").kernel
        kernel.assign(glorot(Fans(channels, channels), place.seed_of(part))(kernel.shape))
    return attention


def _add(layer: layers.Add, place: Place) -> keras.layers.Layer:
    return keras.layers.Add(**place.options)


MAKERS: dict[type[layers.Layer], Callable[[Any, Place], keras.layers.Layer]] = {
    layers.Activation: _activation,
    layers.Add: _add,
    layers.ChannelPooling: _channel_pooling,
    layers.Concatenate: _concatenate,
    layers.Convolution: _convolution,
    layers.Dense: _dense,
    layers.Dropout: _dropout,
    layers.Flatten: _flatten,
    layers.GlobalPooling: _global_pooling,
    layers.LowestPadding: _lowest_padding,
    layers.Multiply: _multiply,
    layers.Normalization: _normalization,
    layers.Pooling: _pooling,
    layers.Resize: _resize,
    layers.Scale: _scale,
    layers.SelfAttention: _self_attention,
    layers.SpatialDropout: _spatial_dropout,
    layers.StochasticDepth: _stochastic_depth,
    layers.ZeroPadding: _zero_padding,
}


def keras_layer(layer: layers.Layer, place: Place) -> keras.layers.Layer:
    """Return the Keras layer that does what `layer` says."""
    return cast("keras.layers.Layer", MAKERS[type(layer)](layer, place))
