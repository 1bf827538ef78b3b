"""What layers and rows are called."""

from __future__ import annotations

from typing import Any

import pytest

from cnnsearch.architecture import IMAGE
from cnnsearch.architecture.costs import costs
from cnnsearch.architecture.graph import GraphBuilder
from cnnsearch.architecture.layers import (
    Activation,
    Convolution,
    GlobalPooling,
    Pooling,
    StochasticDepth,
)
from cnnsearch.screen.layer_words import layer_words, row_words, short_name, short_words


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (Pooling("max", 3, 2), "max pooling 3x3 /2"),
        (Pooling("max", 3, 2, "same"), "max pooling 3x3 /2, same"),
        (Convolution(4, 3, dilation=2), "convolution 3x3, dilation 2"),
        (Convolution(4, 5, padding="valid"), "convolution 5x5, valid"),
        (Convolution(4, 1, padding="valid"), "convolution 1x1"),
        (Activation("hard_swish"), "hard swish"),
        (GlobalPooling("max"), "max global pooling"),
        (StochasticDepth(0.2 / 55 * 8), "stochastic depth, rate 0.0291"),
    ],
)
def test_a_layer_in_words(layer: Any, words: str) -> None:
    assert layer_words({"type": type(layer).__name__, **vars(layer)}) == words


@pytest.mark.parametrize(
    ("layer", "words", "in_short"),
    [
        (Convolution(8, 3, 2, groups=8), "depthwise convolution 3x3 /2", "depthwise 3x3 /2"),
        (Convolution(16, 3, groups=8), "convolution 3x3, 8 groups", "conv 3x3, 8 groups"),
        (Convolution(8, 3, groups=4), "convolution 3x3, 4 groups", "conv 3x3, 4 groups"),
        (StochasticDepth(0.025), "stochastic depth, rate 0.025", "skip rate 0.025"),
    ],
)
def test_a_row_in_words(layer: Any, words: str, in_short: str) -> None:
    graph = GraphBuilder((6, 6, 8))
    graph.append("row", layer, IMAGE)
    (row,) = costs(graph.finish(classes=2))["rows"]

    assert (row_words(row), short_words(row)) == (words, in_short)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("stage6.block3.conv2", "s6.b3.conv2"),
        ("stage1.block0.conv_shortcut", "s1.b0.conv_short"),
        ("stage10.pooling", "s10.pooling"),
        ("head.classes", "head.classes"),
    ],
)
def test_a_name_in_short(name: str, short: str) -> None:
    assert short_name(name) == short
