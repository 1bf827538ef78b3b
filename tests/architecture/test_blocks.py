"""The contract that every block of the catalogue keeps."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnsearch.architecture import IMAGE, Architecture, describe
from cnnsearch.architecture.blocks import BLOCKS
from cnnsearch.architecture.graph import GraphBuilder
from cnnsearch.architecture.layers import Activation, Dropout
from cnnsearch.architecture.writer import Writer
from cnnsearch.space import ArchitectureSettings, BlockSettings

every_block = pytest.mark.parametrize("name", sorted(BLOCKS))


def expand(name: str, image: tuple[int, int, int] = (9, 8, 4), **options: Any) -> Architecture:
    graph = GraphBuilder(image)
    block = BlockSettings.model_validate({"block": name, "width": 8, **options})
    last = BLOCKS[name](Writer(graph, "block", "relu", "batch"), IMAGE, block)
    network = graph.finish(classes=0)

    assert last == len(network.rows) - 1
    return network


def test_the_yaml_knows_exactly_the_blocks_of_the_catalogue() -> None:
    assert set(get_args(BlockSettings.model_fields["block"].annotation)) == set(BLOCKS)


@every_block
@settings(deadline=None)
@given(
    height=st.integers(2, 40),
    width=st.integers(2, 40),
    filters=st.integers(1, 32),
    kernel_size=st.sampled_from([1, 3, 5, 7]),
    stride=st.integers(1, 3),
)
def test_a_block_has_its_width_and_shrinks_the_map_by_its_stride(
    name: str, height: int, width: int, filters: int, kernel_size: int, stride: int
) -> None:
    network = expand(
        name, (height, width, 3), width=filters, kernel_size=kernel_size, stride=stride
    )

    assert network.rows[-1].output_shape == (-(-height // stride), -(-width // stride), filters)


@every_block
def test_a_block_has_dropout_once_at_its_end_and_none_where_it_is_zero(name: str) -> None:
    dropped = [row.layer for row in expand(name, dropout=0.3).rows]

    assert dropped[-1] == Dropout(0.3)
    assert [row.layer for row in expand(name, dropout=0.0).rows] == dropped[:-1]


@every_block
def test_a_block_uses_the_networks_activation(name: str) -> None:
    kinds = {row.layer.kind for row in expand(name).rows if isinstance(row.layer, Activation)}

    assert kinds == {"relu"}


@every_block
def test_a_network_of_the_block_survives_json(name: str) -> None:
    candidate = ArchitectureSettings.model_validate(
        {
            "input": {"resolution": 16},
            "activation": "swish",
            "normalization": "batch",
            "stem": {"width": 8},
            "stages": [
                {"blocks": [{"block": name, "width": 8, "dropout": 0.1}], "pooling": "stride"},
                {"blocks": [{"block": name, "width": 16, "kernel_size": 5}], "pooling": "none"},
            ],
            "head": {"pooling": "flatten", "units": [16], "dropout": 0.1},
        }
    )
    network = describe(candidate, (28, 28, 1), 10)

    assert Architecture.from_json(network.to_json()) == network
