"""What a candidate's settings become, counted by hand."""

from __future__ import annotations

import random
from typing import Any

import pytest

from cnnsearch.architecture import IMAGE, Architecture, InfeasibleError, describe
from cnnsearch.architecture.layers import (
    Activation,
    Convolution,
    Layer,
    LowestPadding,
    Normalization,
    StochasticDepth,
    ZeroPadding,
)
from cnnsearch.space import ArchitectureSettings, draw, load_space, random_chooser

HEAD = {"pooling": "average", "units": [], "dropout": 0.0}


def architecture(
    *stages: dict[str, Any],
    image: tuple[int, int, int] = (28, 28, 1),
    classes: int = 10,
    **settings: Any,
) -> Architecture:
    document = {
        "input": {"resolution": None},
        "activation": "relu",
        "normalization": "batch",
        "stem": None,
        "head": HEAD,
        "stages": stages,
        **settings,
    }
    return describe(ArchitectureSettings.model_validate(document), image, classes)


def stage(*widths: int, pooling: str = "none", **block: Any) -> dict[str, Any]:
    blocks = [{"block": "conv", "width": width, **block} for width in widths]
    return {"blocks": blocks, "pooling": pooling}


def shapes(network: Architecture) -> dict[str, tuple[int, ...]]:
    return {row.name: row.output_shape for row in network.rows}


def test_a_small_plain_network_costs_what_a_hand_counts() -> None:
    network = architecture(
        stage(8, pooling="max"),
        stage(16),
        stem={"width": 4, "kernel_size": 3, "stride": 1, "pooling": "none"},
    )

    # stem:   3*3*1*4  =    36   + 2*4  trained and 2*4  kept by normalization
    # stage0: 3*3*4*8  =   288   + 2*8                2*8
    # stage1: 3*3*8*16 = 1,152   + 2*16               2*16
    # head:   16*10+10 =   170
    assert network.trainable_parameters == (36 + 8) + (288 + 16) + (1152 + 32) + 170 == 1702
    assert network.non_trainable_parameters == 8 + 16 + 32 == 56
    assert network.parameters == 1758
    # stem 28*28*36 = 28,224; stage0 28*28*288 = 225,792; stage1 14*14*1152 = 225,792; head 160
    assert network.macs == 28_224 + 225_792 + 225_792 + 160 == 479_968
    assert network.depth == 4


def test_a_residual_network_costs_what_a_hand_counts() -> None:
    network = architecture(
        stage(8, block="residual", pooling="stride"),
        stage(16, block="residual"),
        image=(8, 8, 8),
    )

    # stage0, same width and size, no projection: 2 * 3*3*8*8 = 1,152 + 2 norms * 2*8 = 32
    # stage1, 3*3*8*16 + 3*3*16*16 + 1*1*8*16 = 1,152 + 2,304 + 128 = 3,584 + 3 norms * 2*16 = 96
    assert network.trainable_parameters == (1152 + 32) + (3584 + 96) + (16 * 10 + 10)
    assert network.non_trainable_parameters == 32 + 96
    # stage0 on 8x8: 64 * 1,152; stage1 on 4x4: 16 * 3,584; head 160
    assert network.macs == 64 * 1152 + 16 * 3584 + 160
    assert network.depth == 5  # the shortcut's convolution is not on the longest path


def test_without_normalization_convolutions_have_a_bias() -> None:
    network = architecture(stage(8), normalization="none")

    assert network.trainable_parameters == (3 * 3 * 1 * 8 + 8) + (8 * 10 + 10)
    assert network.non_trainable_parameters == 0


def test_rows_are_named_after_the_settings_they_come_from() -> None:
    network = architecture(
        stage(8, pooling="max"),
        stage(8, block="residual", dropout=0.1),
        stem={"width": 8, "pooling": "max"},
        input={"resolution": 32},
        head={"pooling": "flatten", "units": [32], "dropout": 0.2},
    )

    assert list(shapes(network)) == [
        "input.resize",
        "stem.conv",
        "stem.norm",
        "stem.activation",
        "stem.pooling",
        "stage0.block0.conv",
        "stage0.block0.norm",
        "stage0.block0.activation",
        "stage0.pooling",
        "stage1.block0.conv1",
        "stage1.block0.norm1",
        "stage1.block0.activation1",
        "stage1.block0.conv2",
        "stage1.block0.norm2",
        "stage1.block0.add",
        "stage1.block0.activation2",
        "stage1.block0.dropout",
        "head.flatten",
        "head.dense0",
        "head.activation0",
        "head.dropout0",
        "head.classes",
        "head.probabilities",
    ]
    assert network.rows[0].inputs == (IMAGE,)


def test_images_are_resized_only_where_the_resolution_differs() -> None:
    assert shapes(architecture(stage(8), input={"resolution": 32}))["input.resize"] == (32, 32, 1)
    assert "input.resize" not in shapes(architecture(stage(8), input={"resolution": 28}))
    assert "input.resize" not in shapes(architecture(stage(8), input={"resolution": None}))


@pytest.mark.parametrize(
    ("block_name", "bias", "biases"),
    [
        ("preactivation_residual", "auto", 0),  # the next block normalizes the sum
        ("convnext", "auto", 2),
        ("convnext", "always", 4),
        ("convnext", "never", 0),
    ],
)
def test_a_bias_is_where_nothing_is_normalized_or_as_told(
    block_name: str, bias: str, biases: int
) -> None:
    block = {"block": block_name, "width": 8}
    network = architecture({"blocks": [block]}, stem={"width": 8}, bias=bias)

    layers = [row.layer for row in network.rows if isinstance(row.layer, Convolution)]
    assert sum(layer.bias for layer in layers) == biases


def test_a_padding_in_pixels_is_a_row_of_zeros() -> None:
    stem = {"width": 8, "kernel_size": 7, "stride": 2, "padding": 3}
    pooled = {**stem, "pooling": "max", "pooling_padding": 1}
    network = architecture(stage(8), stem=pooled, image=(32, 32, 3))

    assert shapes(network)["stem.padding"] == (38, 38, 3)
    assert shapes(network)["stem.conv"] == (16, 16, 8)
    assert shapes(network)["stem.padding_pooling"] == (18, 18, 8)
    assert shapes(network)["stem.pooling"] == (8, 8, 8)


@pytest.mark.parametrize(("kind", "border"), [("max", LowestPadding), ("average", ZeroPadding)])
def test_a_maximum_never_is_of_its_padding(kind: str, border: type[Layer]) -> None:
    padded = stage(8, pooling=kind) | {"pooling_size": 3, "pooling_padding": 1}
    rows = {row.name: row for row in architecture(padded).rows}

    assert type(rows["stage0.padding_pooling"].layer) is border
    assert rows["stage0.pooling"].output_shape == (14, 14, 8)


def test_a_window_of_a_maximum_that_could_see_padding_alone_is_infeasible() -> None:
    settings = {"pooling_size": 2, "pooling_padding": 2}

    with pytest.raises(InfeasibleError, match=r"stage0\.pooling: a padding of 2 pixels holds"):
        architecture(stage(8, pooling="max") | settings)

    assert shapes(architecture(stage(8, pooling="average") | settings))["stage0.pooling"]


PREACTIVATED = ("preactivation_residual", "preactivation_bottleneck", "dense", "convnext")


@pytest.mark.parametrize("before", [*PREACTIVATED, "self_attention"])
@pytest.mark.parametrize("after", ["conv", "separable", "residual", "mbconv"])
@pytest.mark.parametrize("pooling", ["none", "max", "stride"])
def test_a_block_that_reads_its_input_as_it_is_never_reads_a_bare_sum(
    before: str, after: str, pooling: str
) -> None:
    rows = architecture(stage(8, block=before, pooling=pooling), stage(8, block=after)).rows

    first = next(i for i, row in enumerate(rows) if row.name.startswith("stage1.block0.conv"))
    activation = rows[rows[first].inputs[0]]
    assert activation.layer == Activation("relu")
    assert isinstance(rows[activation.inputs[0]].layer, Normalization)


@pytest.mark.parametrize("before", PREACTIVATED)
def test_a_block_that_normalizes_its_input_itself_reads_the_sum(before: str) -> None:
    network = architecture(stage(8, block=before), stage(8, block="preactivation_residual"))

    assert not any(name.endswith("_before") for name in shapes(network) if "stage" in name)


def test_a_convolution_before_the_head_widens_the_last_map() -> None:
    network = architecture(stage(8), head={"pooling": "average", "width": 32})

    assert shapes(network)["head.conv"] == shapes(network)["head.activation"] == (28, 28, 32)
    assert shapes(network)["head.pooling"] == (32,)


def test_stochastic_depth_rises_from_the_first_block_to_the_last() -> None:
    network = architecture(
        *[stage(8, 8, block="residual") for _ in range(2)], stem={"width": 8}, stochastic_depth=0.4
    )

    rates = [row.layer.rate for row in network.rows if isinstance(row.layer, StochasticDepth)]
    assert rates == pytest.approx([0.1, 0.2, 0.3])  # the first block's would be 0


def test_images_are_resized_by_the_resolution_factor() -> None:
    assert shapes(architecture(stage(8), resolution_factor=1.15))["input.resize"] == (32, 32, 1)
    resized = architecture(stage(8), resolution_factor=1.5, input={"resolution": 20})
    assert shapes(resized)["input.resize"] == (30, 30, 1)


@pytest.mark.parametrize(
    ("pooling", "side"), [("max", 3), ("average", 3), ("blur", 3), ("stride", 4)]
)
def test_a_map_is_halved_between_stages(pooling: str, side: int) -> None:
    network = architecture(stage(8, pooling=pooling), stage(8, 8), image=(7, 7, 1))

    assert shapes(network)["stage0.block0.conv"] == (7, 7, 8)
    assert shapes(network)["stage1.block0.conv"] == (side, side, 8)
    assert shapes(network)["stage1.block1.conv"] == (side, side, 8)


def test_a_stride_between_stages_does_not_multiply_the_blocks_own() -> None:
    network = architecture(stage(8, pooling="stride"), stage(8, stride=2), image=(16, 16, 1))

    assert shapes(network)["stage1.block0.conv"] == (8, 8, 8)


def test_the_last_stage_may_pool_before_the_head() -> None:
    network = architecture(stage(8, pooling="max"), image=(16, 16, 1))

    assert shapes(network)["stage0.pooling"] == (8, 8, 8)


@pytest.mark.parametrize("pooling", ["max", "average", "stride"])
def test_halving_a_map_of_one_pixel_is_infeasible(pooling: str) -> None:
    stages = [stage(8, pooling=pooling) for _ in range(5)]

    with pytest.raises(InfeasibleError, match=r"^stage\d.*side of 1 pixel") as caught:
        architecture(*stages, stage(8), image=(16, 16, 1))

    assert not caught.value.reason.startswith("stage")  # so that like reasons count together


@pytest.mark.parametrize(
    ("units", "rows"),
    [
        ([], ["head.dropout", "head.classes"]),
        ([64, 32], ["head.dropout0", "head.dropout1", "head.classes"]),
    ],
)
def test_dropout_comes_after_every_hidden_dense_layer_and_before_the_classes(
    units: list[int], rows: list[str]
) -> None:
    head = {"pooling": "max", "units": units, "dropout": 0.5}
    names = list(shapes(architecture(stage(8), head=head)))

    assert [name for name in names if "dropout" in name or "classes" in name] == rows


def test_the_default_space_is_feasible_and_survives_json() -> None:
    space, rng = load_space("default"), random.Random(1)

    for _ in range(50):
        candidate = draw(space, random_chooser(rng))
        network = describe(candidate.architecture, (28, 28, 1), 10)

        assert network.rows[-1].output_shape == (10,)
        assert Architecture.from_json(network.to_json()) == network
