"""Shapes and costs of single layers, by hand and against TensorFlow's rules."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnsearch.architecture import InfeasibleError
from cnnsearch.architecture.layers import (
    Activation,
    Add,
    ChannelPooling,
    Concatenate,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalPooling,
    Layer,
    LowestPadding,
    Multiply,
    Normalization,
    Pooling,
    Resize,
    Scale,
    SelfAttention,
    Shape,
    SpatialDropout,
    StochasticDepth,
    ZeroPadding,
)


def test_a_convolution_counts_its_kernel_once_and_multiplies_it_at_every_output_pixel() -> None:
    layer = Convolution(filters=8, kernel_size=3, stride=2)
    image = [(28, 28, 3)]

    assert layer.output_shape(image) == (14, 14, 8)
    assert layer.trainable_parameters(image) == 3 * 3 * 3 * 8 + 8  # kernel + bias = 224
    assert layer.macs(image) == 14 * 14 * 3 * 3 * 3 * 8  # 42,336: the bias is free


def test_groups_divide_the_kernel() -> None:
    layer = Convolution(filters=16, kernel_size=5, groups=4, bias=False)
    image = [(10, 12, 8)]

    assert layer.trainable_parameters(image) == 5 * 5 * (8 // 4) * 16
    assert layer.macs(image) == 10 * 12 * 5 * 5 * (8 // 4) * 16


def test_dilation_widens_the_window_but_adds_no_weights() -> None:
    layer = Convolution(filters=4, kernel_size=3, padding="valid", dilation=3)
    image = [(10, 9, 2)]

    assert layer.output_shape(image) == (10 - 6, 9 - 6, 4)  # window (3 - 1) * 3 + 1 = 7
    assert layer.trainable_parameters(image) == 3 * 3 * 2 * 4 + 4


@pytest.mark.parametrize("kind", ["layer", "group"])
def test_normalization_of_one_image_keeps_no_statistics(kind: Literal["layer", "group"]) -> None:
    image = [(7, 7, 24)]

    assert Normalization(kind).trainable_parameters(image) == 48
    assert Normalization(kind).non_trainable_parameters(image) == 0


def test_a_scale_has_a_weight_a_channel() -> None:
    assert Scale().trainable_parameters([(7, 9, 24)]) == 24
    assert Scale().macs([(7, 9, 24)]) == 0


def test_self_attention_multiplies_all_pairs_of_pixels() -> None:
    layer, image = SelfAttention(4), [(3, 5, 8)]

    assert layer.output_shape(image) == (3, 5, 8)
    assert layer.trainable_parameters(image) == 4 * (8 * 8 + 8)
    assert layer.macs(image) == 15 * 4 * 8 * 8 + 15 * 15 * 8 * 2
    assert layer.heads_for(8) == 4
    assert layer.heads_for(6) == 2


def test_a_dense_layer_is_a_matrix_and_a_bias() -> None:
    assert Dense(10).trainable_parameters([(64,)]) == 64 * 10 + 10
    assert Dense(10, bias=False).trainable_parameters([(64,)]) == 64 * 10
    assert Dense(10).macs([(64,)]) == 64 * 10


def test_batch_normalization_trains_two_values_a_channel_and_keeps_two() -> None:
    image = [(7, 7, 24)]

    assert Normalization("batch").trainable_parameters(image) == 48
    assert Normalization("batch").non_trainable_parameters(image) == 48
    assert Normalization("batch").macs(image) == 0


@pytest.mark.parametrize(
    ("layer", "inputs", "output"),
    [
        (Resize(32, 24), [(28, 28, 3)], (32, 24, 3)),
        (Pooling("max"), [(7, 9, 5)], (3, 4, 5)),
        (Pooling("average", 3, 2, "same"), [(7, 8, 5)], (4, 4, 5)),
        (GlobalPooling("average"), [(7, 9, 5)], (5,)),
        (Flatten(), [(2, 3, 4)], (24,)),
        (Activation("relu"), [(2, 3, 4)], (2, 3, 4)),
        (Dropout(0.5), [(24,)], (24,)),
        (Add(), [(2, 3, 4), (2, 3, 4)], (2, 3, 4)),
        (Multiply(), [(2, 3, 4), (1, 1, 4)], (2, 3, 4)),
        (Multiply(), [(2, 3, 1), (2, 3, 4)], (2, 3, 4)),
        (Concatenate("channels"), [(2, 3, 4), (2, 3, 5)], (2, 3, 9)),
        (Concatenate("height"), [(2, 3, 4), (1, 3, 4)], (3, 3, 4)),
        (ChannelPooling("max"), [(2, 3, 4)], (2, 3, 1)),
        (GlobalPooling("max", keeps_map=True), [(7, 9, 5)], (1, 1, 5)),
        (ZeroPadding(3), [(7, 9, 5)], (13, 15, 5)),
        (LowestPadding(1), [(7, 9, 5)], (9, 11, 5)),
        (SpatialDropout(0.5), [(2, 3, 4)], (2, 3, 4)),
        (StochasticDepth(0.5), [(2, 3, 4)], (2, 3, 4)),
    ],
)
def test_layers_without_weights_cost_nothing_but_shape(
    layer: Layer, inputs: list[Shape], output: Shape
) -> None:
    assert layer.output_shape(inputs) == output
    assert layer.trainable_parameters(inputs) == layer.non_trainable_parameters(inputs) == 0
    assert layer.macs(inputs) == 0


@settings(deadline=None)
@given(
    side=st.integers(2, 300),
    window=st.integers(1, 11),
    stride=st.integers(1, 4),
)
def test_padding_follows_tensorflow(side: int, window: int, stride: int) -> None:
    same = Convolution(1, window, stride, "same").output_shape([(side, side, 1)])
    positions = range(0, side - window + 1, stride)  # where a window lies wholly on the map

    assert same[0] == -(-side // stride)
    if positions:
        valid = Convolution(1, window, stride, "valid").output_shape([(side, side, 1)])
        assert valid[0] == len(positions)


@pytest.mark.parametrize(
    ("layer", "inputs", "reason"),
    [
        (Convolution(8, 5, padding="valid"), [(4, 9, 1)], "window of 5 pixels on a map of 4x9"),
        (Convolution(8, 3, padding="valid", dilation=4), [(8, 8, 1)], "window of 9 pixels"),
        (Convolution(8, 3, stride=2), [(1, 1, 4)], "side of 1 pixel"),
        (Convolution(8, 3, groups=3), [(8, 8, 9)], "3 groups do not divide 9 channels and 8"),
        (Convolution(9, 3, groups=3), [(8, 8, 8)], "3 groups do not divide 8 channels and 9"),
        (Convolution(8, 3, stride=2, dilation=2), [(8, 8, 4)], "stride and a dilation"),
        (Convolution(8, 3), [(64,)], "flat"),
        (Convolution(0, 3), [(8, 8, 4)], "0 filters in 1 groups"),
        (Convolution(4, 3, groups=0), [(8, 8, 4)], "4 filters in 0 groups"),
        (Dense(0), [(64,)], "0 units"),
        (Convolution(8, 3), [(0, 8, 4)], "map of 0x8"),
        (Pooling("max"), [(0, 0, 4)], "map of 0x0"),
        (Pooling("max"), [(1, 1, 4)], "side of 1 pixel"),
        (Pooling("max", 3, 2, "same"), [(8, 1, 4)], "side of 1 pixel"),
        (Pooling("average", 3, 1), [(2, 2, 4)], "window of 3 pixels on a map of 2x2"),
        (Resize(0, 4), [(8, 8, 1)], "images of less than one pixel"),
        (GlobalPooling("max"), [(64,)], "flat"),
        (Dense(10), [(2, 2, 4)], "needs a flat input"),
        (Add(), [(2, 2, 4), (2, 2, 8)], "different shapes"),
        (Multiply(), [(2, 2, 4), (2, 2, 8)], "cannot multiply"),
        (Concatenate("channels"), [(2, 2, 4), (2, 3, 4)], "different maps"),
        (Concatenate("height"), [(2, 2, 4), (2, 2, 8)], "different maps"),
        (ZeroPadding(1), [(64,)], "flat"),
        (ChannelPooling("average"), [(64,)], "flat"),
    ],
)
def test_impossible_geometry_is_infeasible(layer: Layer, inputs: list[Shape], reason: str) -> None:
    with pytest.raises(InfeasibleError, match=reason):
        layer.output_shape(inputs)
