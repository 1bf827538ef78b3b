"""Bytes of activations and of training, against values worked out by hand."""

from __future__ import annotations

from typing import get_args

import pytest

from cnnsearch.architecture import IMAGE, Architecture
from cnnsearch.architecture.graph import GraphBuilder
from cnnsearch.architecture.layers import (
    Activation,
    Add,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Normalization,
    Pooling,
    Resize,
)
from cnnsearch.architecture.memory import (
    OPTIMIZER_NUMBERS,
    activation_memory,
    download_size,
    kept_bytes,
    kept_memory,
    training_memory,
)
from cnnsearch.space import TrainingSettings

MAP = 4 * 8 * 8  # bytes of one channel of 8x8 pixels


def chain(*layers: Layer) -> Architecture:
    graph, node = GraphBuilder((8, 8, 1)), IMAGE
    for index, layer in enumerate(layers):
        node = graph.append(f"row{index}", layer, node)
    return graph.finish(classes=2)


def test_a_chain_holds_what_a_row_reads_and_what_it_writes() -> None:
    network = chain(Convolution(4, 3), Activation("relu"), Convolution(2, 3))

    assert activation_memory(network) == (4 + 4) * MAP


def test_a_shortcut_is_held_until_it_is_added() -> None:
    graph = GraphBuilder((8, 8, 1))
    start = graph.append("start", Convolution(4, 3), IMAGE)
    middle = graph.append("middle", Convolution(6, 3), start)
    end = graph.append("end", Convolution(4, 3), middle)
    graph.append("add", Add(), start, end)

    assert activation_memory(graph.finish(classes=1)) == (4 + 6 + 4) * MAP


def test_dropout_and_flattening_take_no_memory_when_predicting() -> None:
    plain = chain(Convolution(4, 3), Flatten(), Dense(2))
    dropped = chain(Convolution(4, 3), Dropout(0.5), Flatten(), Dense(2))

    assert activation_memory(plain) == activation_memory(dropped) == (1 + 4) * MAP


@pytest.mark.parametrize(
    ("layers", "kept_maps"),
    [
        ([Convolution(4, 3)], 1),  # the image
        ([Convolution(4, 3), Convolution(2, 3)], 1 + 4),
        ([Convolution(4, 3), Normalization(), Activation("relu")], 1 + 4 + 4),
        # what the activation gave is kept once, for its own gradient and for the convolution's
        ([Convolution(4, 3), Activation("relu"), Convolution(2, 3)], 1 + 4),
        ([Convolution(4, 3), Activation("swish"), Convolution(2, 3)], 1 + 4 + 4),
        ([Convolution(4, 3), Activation("gelu"), Convolution(2, 3)], 1 + 4 + 4 * 4 + 4),
        ([Convolution(4, 3), Pooling("average"), Convolution(2, 3)], 1 + 4 / 4),
        ([Convolution(4, 3), Pooling("max"), Convolution(2, 3)], 1 + 4 + 4 / 4),
        ([Convolution(4, 3), Dropout(0.5)], 1 + 4 / 4),  # a mask of bytes
        ([Convolution(4, 3), Flatten(), Dense(2)], 1 + 4),
        ([Resize(16, 16), Convolution(4, 3)], 4),
        ([Pooling("max"), Activation("tanh")], 0),  # nothing to train
    ],
)
def test_training_keeps_what_gradients_read(layers: list[Layer], kept_maps: float) -> None:
    assert kept_memory(chain(*layers)) == kept_maps * MAP


def test_what_is_kept_is_told_by_row() -> None:
    network = chain(Convolution(4, 3), Normalization(), Activation("relu"), Dropout(0.5))

    assert kept_bytes(network) == {IMAGE: MAP, 0: 4 * MAP, 2: 4 * MAP, 3: MAP}


def test_a_download_has_the_statistics_too() -> None:
    assert download_size(chain(Convolution(4, 3), Normalization())) == 4 * (36 + 4 + 8 + 8)


@pytest.mark.parametrize(("optimizer", "copies"), [("adamw", 4), ("adam", 4), ("sgd", 3)])
def test_training_holds_weights_gradients_averages_and_a_batch(optimizer: str, copies: int) -> None:
    network = chain(Convolution(4, 3), Normalization())
    training = TrainingSettings.model_validate({"optimizer": optimizer, "batch_size": 32})

    weights = 4 * (copies * (40 + 8) + 8)  # the statistics have no gradient
    assert training_memory(network, training) == weights + 32 * (1 + 4) * MAP


def test_every_optimizer_is_known() -> None:
    assert set(OPTIMIZER_NUMBERS) == set(
        get_args(TrainingSettings.model_fields["optimizer"].annotation)
    )
