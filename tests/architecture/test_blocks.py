"""The contract that every block of the catalogue keeps."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnsearch.architecture import IMAGE, Architecture, InfeasibleError, describe
from cnnsearch.architecture.blocks import BLOCKS
from cnnsearch.architecture.graph import GraphBuilder
from cnnsearch.architecture.layers import (
    Activation,
    Add,
    Dropout,
    GlobalPooling,
    SpatialDropout,
    StochasticDepth,
)
from cnnsearch.architecture.writer import Writer
from cnnsearch.space import ArchitectureSettings, BlockSettings
from cnnsearch.space.expectations import expectations
from cnnsearch.space.settings import BlockOptions

every_block = pytest.mark.parametrize("name", sorted(BLOCKS))


def expand(
    name: str,
    image: tuple[int, int, int] = (9, 8, 4),
    stochastic_depth: float = 0.0,
    **options: Any,
) -> Architecture:
    graph = GraphBuilder(image)
    block = BlockSettings.model_validate({"block": name, "width": 8, **options})
    writer = Writer(graph, "", "relu", "batch").at("block", stochastic_depth)
    last = BLOCKS[name](writer, IMAGE, block)
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
    channels=st.integers(1, 4),
    expansion=st.none() | st.floats(0.25, 16),
)
def test_a_block_has_its_width_and_shrinks_the_map_by_its_stride(
    name: str,
    height: int,
    width: int,
    filters: int,
    kernel_size: int,
    stride: int,
    channels: int,
    expansion: float | None,
) -> None:
    options: dict[str, Any] = {"stride": stride, "expansion": expansion}
    network = expand(
        name, (height, width, channels), width=filters, kernel_size=kernel_size, **options
    )

    assert network.rows[-1].output_shape == (-(-height // stride), -(-width // stride), filters)


@every_block
def test_a_block_has_dropout_once_at_its_end_and_none_where_it_is_zero(name: str) -> None:
    dropped = [row.layer for row in expand(name, dropout=0.3).rows]

    assert dropped[-1] == Dropout(0.3)
    assert [row.layer for row in expand(name, dropout=0.0).rows] == dropped[:-1]


@every_block
def test_a_block_drops_whole_channels_before_single_values(name: str) -> None:
    dropped = [row.layer for row in expand(name, dropout=0.3, spatial_dropout=0.2).rows]

    assert dropped[-2:] == [SpatialDropout(0.2), Dropout(0.3)]
    assert [row.layer for row in expand(name).rows] == dropped[:-2]


# Each setting of a block with a value other than the default, and an input that takes it.
CHANGES: dict[str, Any] = {
    "kernel_size": 5,
    "dilation": 2,
    "groups": 2,
    "padding": "valid",
    "expansion": 2.0,
    "stride_in": "first",
    "layers": 2,
    "growth": 8,
    "heads": 2,
    "attention": "cbam",
    "squeeze_ratio": 0.5,
}


def test_every_setting_of_a_block_is_held_to_this_contract() -> None:
    fields = set(BlockOptions.model_fields) - {"block", "dropout", "spatial_dropout"}

    assert set(CHANGES) == fields


@every_block
@pytest.mark.parametrize("setting", CHANGES)
def test_a_setting_matters_to_exactly_the_blocks_that_say_so(name: str, setting: str) -> None:
    also: dict[str, Any] = {"stride_in": {"stride": 2}, "attention": {"squeeze_ratio": 0.5}}
    common = also.get(setting, {})
    plain = expand(name, **common)
    changed = expand(name, **common, **{setting: CHANGES[setting]})

    searchable = expectations(BlockOptions)[setting].searchable
    assert searchable is not None
    needs = searchable.needs
    is_for_all = needs is None or needs.setting != "block"
    assert (plain != changed) == (is_for_all or name in (needs.values if needs else ()))


@every_block
@pytest.mark.parametrize("attention", ["squeeze", "cbam"])
def test_attention_keeps_the_blocks_shape(name: str, attention: str) -> None:
    network = expand(name, stride=2, attention=attention, squeeze_ratio=0.25)

    assert network.rows[-1].output_shape == expand(name, stride=2).rows[-1].output_shape
    kinds = [row.layer.kind for row in network.rows if isinstance(row.layer, Activation)]
    assert kinds.count("sigmoid") == {"squeeze": 1, "cbam": 2}[attention]


@pytest.mark.parametrize(("channels", "ratio", "squeezed"), [(100, 0.29, 29), (100, 0.299, 29)])
def test_attention_squeezes_to_the_share_that_was_said(
    channels: int, ratio: float, squeezed: int
) -> None:
    network = expand("conv", width=channels, squeeze_ratio=ratio)

    (row,) = [row for row in network.rows if row.name.endswith("attention_squeeze")]
    assert row.output_shape[2] == squeezed


@every_block
def test_attention_that_leaves_no_channel_is_infeasible(name: str) -> None:
    with pytest.raises(InfeasibleError, match="less than one channel"):
        expand(name, squeeze_ratio=0.001)


@pytest.mark.parametrize("name", ["mbconv", "fused_mbconv"])
def test_a_narrowing_block_keeps_a_channel_of_a_grey_image(name: str) -> None:
    network = expand(name, (8, 8, 1), expansion=0.25, width=4)

    assert network.rows[-1].output_shape == (8, 8, 4)


@every_block
def test_stochastic_depth_skips_the_branch_of_a_block_that_has_a_shortcut(name: str) -> None:
    network = expand(name, (8, 8, 8), stochastic_depth=0.2)

    sums = [row for row in network.rows if isinstance(row.layer, Add)]
    skipped = [i for i, row in enumerate(network.rows) if row.layer == StochasticDepth(0.2)]
    assert skipped == [row.inputs[0] for row in sums]


LINEAR = ("mbconv", "fused_mbconv")  # at their end, by design


@every_block
@pytest.mark.parametrize("width", [4, 8], ids=["as_wide_as_its_input", "wider"])
def test_a_network_that_ends_with_the_block_ends_activated(name: str, width: int) -> None:
    block = {"block": name, "width": width}
    head = {"pooling": "average", "width": None}
    document = {"stages": [{"blocks": [block]}], "head": head, "normalization": "batch"}
    network = describe(ArchitectureSettings.model_validate(document), (8, 8, 4), 10)

    last = next(row for row in network.rows if isinstance(row.layer, GlobalPooling)).inputs[0]
    ends_activated = isinstance(network.rows[last].layer, Activation)
    assert ends_activated == (name not in LINEAR)


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
