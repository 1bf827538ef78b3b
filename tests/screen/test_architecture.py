"""The table of layers and its drawing."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cnnsearch.architecture import IMAGE, Architecture
from cnnsearch.architecture.costs import costs
from cnnsearch.architecture.graph import GraphBuilder
from cnnsearch.architecture.layers import (
    Activation,
    Add,
    Convolution,
    Dense,
    Dropout,
    GlobalPooling,
    Normalization,
    Pooling,
)
from cnnsearch.errors import UsageError
from cnnsearch.screen.architecture import layer_words, print_architecture
from cnnsearch.screen.diagram import diagram, fold, save_diagram
from cnnsearch.space import TrainingSettings


def small_network() -> Architecture:
    graph = GraphBuilder((6, 6, 1))
    start = graph.append("stem.conv", Convolution(4, 5, 2, bias=False), IMAGE)
    node = graph.append("stem.norm", Normalization(), start)
    first = graph.append("stem.activation", Activation("leaky_relu"), node)
    node = graph.append("stage0.conv", Convolution(4, 3, groups=4), first)
    node = graph.append("stage0.add", Add(), node, first)
    node = graph.append("stage0.wide", Convolution(4, 3), node)
    node = graph.append("head.pooling", GlobalPooling("average"), node)
    node = graph.append("head.dropout", Dropout(0.2), node)
    graph.append("head.classes", Dense(2), node)
    return graph.finish(classes=2)


def told() -> dict[str, Any]:
    return costs(small_network(), TrainingSettings(batch_size=8))


def test_the_table_of_layers(capsys: pytest.CaptureFixture[str]) -> None:
    print_architecture("small", told())

    assert (
        capsys.readouterr().out
        == """\
small for 6x6x1, 2 classes
weights    314 parameters, 8 of these statistics; 1.26 kB
an image   2.53k MACs, 5.06k FLOPs, 432 B of maps
training   10.8 kB for a batch of 8 with adamw; 740 B for each image
depth      4 layers with weights on the longest path
sees       13 pixels of an image of 6x6; wide enough for all of it from stage0.conv on

row              layer                      output  parameters  MACs   kept  sees  jump
stem.conv        convolution 5x5 /2         3x3x4          100   900  144 B     5     2
stem.norm        batch normalization        3x3x4           16        144 B     5     2
stem.activation  leaky relu                 3x3x4                     144 B     5     2
stage0.conv      convolution 3x3, 4 groups  3x3x4           40   324            9     2
stage0.add       add                        3x3x4                     144 B     9     2
stage0.wide      convolution 3x3            3x3x4          148  1.3k         13 *     2
head.pooling     average global pooling     4
head.dropout     dropout, rate 0.2          4                          20 B
head.classes     dense                      2               10     8
* sees nothing new: what comes before already sees the whole image

part    output  parameters         MACs         kept
stem    3x3x4          116  37 %    900  36 %  432 B  58 %
stage0  3x3x4          188  60 %  1.62k  64 %  144 B  19 %
head    2               10   3 %      8   0 %   20 B   3 %
"""
    )


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
    ],
)
def test_a_layer_in_words(layer: Any, words: str) -> None:
    assert layer_words({"type": type(layer).__name__, **vars(layer)}) == words


def test_what_acts_on_each_value_is_drawn_with_what_comes_before() -> None:
    boxes = fold(told()["rows"])

    assert [[row["name"] for row in box.rows] for box in boxes] == [
        ["stem.conv", "stem.norm", "stem.activation"],
        ["stage0.conv"],
        ["stage0.add"],
        ["stage0.wide"],
        ["head.pooling", "head.dropout"],
        ["head.classes"],
    ]
    assert [box.inputs for box in boxes] == [(0,), (1,), (2, 1), (3,), (4,), (5,)]


def test_the_drawing_has_a_box_for_each_layer_and_an_arc_for_each_skip() -> None:
    svg = ElementTree.fromstring(diagram("<small>", told()))

    space = "{http://www.w3.org/2000/svg}"
    assert len(svg.findall(f"{space}rect")) == 1 + 6  # the image, too
    paths = [path.get("d") or "" for path in svg.findall(f"{space}path")]
    assert sum("C" in path for path in paths) == 1
    assert len(paths) == 7
    texts = [text.text for text in svg.findall(f"{space}text")]
    assert texts[0] == "<small>"
    assert "stem: convolution 5x5 /2, batch normalization, leaky relu" in texts


def test_a_drawing_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        save_diagram("small", told(), tmp_path / "no" / "small.svg")
