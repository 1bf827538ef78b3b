"""Rows in their places, and architectures as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cnnsearch.architecture import IMAGE, Architecture, InfeasibleError, describe
from cnnsearch.architecture.graph import GraphBuilder
from cnnsearch.architecture.layers import (
    LAYER_TYPES,
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
    SpatialDropout,
    StochasticDepth,
    ZeroPadding,
)
from cnnsearch.errors import RunError
from cnnsearch.space import draw, first_guess, load_space


def network_of_every_layer() -> Architecture:
    graph = GraphBuilder((8, 8, 3))
    node = graph.append("resize", Resize(6, 6), IMAGE)
    left = graph.append("left", Convolution(4, 3, bias=False), node)
    right = graph.append("right", Convolution(4, 1), node)
    node = graph.append("add", Add(), left, right)
    weights = graph.append("weights", ChannelPooling("max"), node)
    node = graph.append("multiply", Multiply(), node, weights)
    node = graph.append("joined", Concatenate("height"), node, left)
    chain: list[Layer] = [
        Normalization(),
        Activation("relu"),
        SpatialDropout(0.1),
        StochasticDepth(0.1),
        Scale(0.5),
        SelfAttention(2),
        Dropout(0.1),
        ZeroPadding(1),
        LowestPadding(1),
        Pooling("max"),
    ]
    for index, layer in enumerate(chain):
        node = graph.append(f"chain{index}", layer, node)
    pooled = graph.append("pooled", GlobalPooling("average"), node)
    graph.append("flat", Flatten(), node)
    graph.append("classes", Dense(2), pooled)
    return graph.finish(classes=2)


def test_an_architecture_survives_json_text() -> None:
    network = network_of_every_layer()

    assert {type(row.layer) for row in network.rows} == set(LAYER_TYPES.values())
    assert Architecture.from_json(json.loads(json.dumps(network.to_json()))) == network


def test_json_carries_the_costs_for_readers_but_computes_them_anew() -> None:
    network = network_of_every_layer()
    document = network.to_json()

    assert document["parameters"] == network.parameters
    assert document["rows"][1]["macs"] == 6 * 6 * 3 * 3 * 3 * 4
    document["rows"][1]["macs"] = document["parameters"] = 0
    assert Architecture.from_json(document) == network


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "version 2: this cnnsearch reads version 1"),
        ({"rows": None}, "damaged"),
        ({"rows": [{"name": "a"}]}, "damaged"),
        ({"rows": [{"name": "a", "layer": {"type": "Novelty"}, "inputs": [-1]}]}, "Novelty"),
        ({"rows": [{"name": "a", "layer": {"type": "Flatten"}, "inputs": [7]}]}, "damaged"),
        ({"rows": [{"name": "a", "layer": {"type": "Flatten"}, "inputs": []}]}, "damaged"),
        ({"rows": [{"name": "a", "layer": {"type": "Add", "rate": 1}, "inputs": []}]}, "damaged"),
        ({"rows": [{"name": "a", "layer": {"type": "Add"}, "inputs": []}]}, "damaged"),
        ({"input_shape": [8]}, "damaged"),
    ],
)
def test_damaged_json_is_told_from_a_defect(change: dict[str, Any], message: str) -> None:
    document = {**network_of_every_layer().to_json(), **change}

    with pytest.raises(RunError, match=message):
        Architecture.from_json(document)


@pytest.mark.parametrize("document", [{}, [], "text", None])
def test_json_of_something_else_is_damaged(document: Any) -> None:
    with pytest.raises(RunError, match="architecture is damaged"):
        Architecture.from_json(document)


WITH_ATTENTION = tuple(
    f"architecture.stages.{stage}.{setting}"
    for stage in range(4)
    for setting in ("squeeze_ratio=0.0625", "attention=%s")
)


@pytest.mark.parametrize(
    ("name", "overrides", "depth"),
    [
        # stem, a block of two layers, 15 of three, head and classes: no squeeze-and-excitation
        ("efficientnet-b0", (), 1 + 2 + 15 * 3 + 1 + 1),
        ("resnet-18", (), 18),
        ("resnet-50", (), 50),
        ("resnet-50", tuple(each.replace("%s", "squeeze") for each in WITH_ATTENTION), 50),
        ("resnet-50", tuple(each.replace("%s", "cbam") for each in WITH_ATTENTION), 50),
        ("densenet-121", (), 121),
        ("vgg-16", (), 16),
    ],
)
def test_a_network_is_as_deep_as_its_name_says(
    name: str, overrides: tuple[str, ...], depth: int
) -> None:
    candidate = draw(load_space(f"reference/{name}", overrides), first_guess)

    assert describe(candidate.architecture, (224, 224, 3), 1000).depth == depth


def test_self_attention_is_two_layers_deep_and_what_follows_a_pooling_counts() -> None:
    graph = GraphBuilder((8, 8, 4))
    node = graph.append("attention", SelfAttention(2), IMAGE)
    node = graph.append("pooled", GlobalPooling("average"), node)
    graph.append("classes", Dense(2), graph.append("dense", Dense(4), node))

    assert graph.finish(classes=2).depth == 2 + 1 + 1


def test_a_name_is_given_once() -> None:
    graph = GraphBuilder((8, 8, 3))
    graph.append("conv", Convolution(4, 3), IMAGE)

    with pytest.raises(ValueError, match="two rows are called conv"):
        graph.append("conv", Convolution(4, 3), IMAGE)


def test_a_row_reads_only_what_is_there() -> None:
    graph = GraphBuilder((8, 8, 3))

    with pytest.raises(ValueError, match="does not exist"):
        graph.append("conv", Convolution(4, 3), 0)


def test_an_infeasible_row_says_where_it_is() -> None:
    graph = GraphBuilder((8, 8, 3))

    with pytest.raises(InfeasibleError) as caught:
        graph.append("stem.conv", Convolution(4, 9, padding="valid"), IMAGE)

    assert caught.value.where == "stem.conv"
    assert str(caught.value) == "stem.conv: window of 9 pixels on a map of 8x8"
