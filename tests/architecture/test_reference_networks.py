"""The published networks are tables in the language, and cost what was published."""

from __future__ import annotations

from typing import Any

import pytest

from cnnsearch.architecture import Architecture, describe
from cnnsearch.architecture.layers import (
    Activation,
    Convolution,
    Dropout,
    LowestPadding,
    Pooling,
    Resize,
    StochasticDepth,
    ZeroPadding,
)
from cnnsearch.space import ArchitectureSettings, draw, first_guess, load_space, shipped_spaces

# Trainable parameters with a head of 1,000 classes: torchvision 0.2x, and LeCun et al. 1998.
PUBLISHED = {
    "lenet-5": 61_706,
    "alexnet": 61_100_840,
    "vgg-11": 132_863_336,
    "vgg-13": 133_047_848,
    "vgg-16": 138_357_544,
    "vgg-19": 143_667_240,
    "resnet-18": 11_689_512,
    "resnet-34": 21_797_672,
    "resnet-50": 25_557_032,
    "resnet-101": 44_549_160,
    "resnet-152": 60_192_808,
    "densenet-121": 7_978_856,
    "efficientnet-b0": 5_288_548,
    "efficientnet-b1": 7_794_184,
    "efficientnet-b2": 9_109_994,
    "efficientnet-b3": 12_233_232,
    "efficientnet-b4": 19_341_616,
    "efficientnet-b5": 30_389_784,
    "efficientnet-b6": 43_040_704,
    "efficientnet-b7": 66_347_960,
}
SIDES = {
    f"efficientnet-b{n}": side for n, side in enumerate((224, 240, 260, 300, 380, 456, 528, 600))
}
# Billions of MACs for one image of the network's own resolution: the "GFLOPS" of
# https://docs.pytorch.org/vision/stable/models.html, which are multiply-accumulates.
GIGA_MACS = {
    "alexnet": "0.71",
    "vgg-11": "7.61",
    "vgg-13": "11.31",
    "vgg-16": "15.47",
    "vgg-19": "19.63",
    "resnet-18": "1.81",
    "resnet-34": "3.66",
    "resnet-50": "4.09",
    "resnet-101": "7.80",
    "resnet-152": "11.51",
    "densenet-121": "2.83",
    "efficientnet-b0": "0.39",
    "efficientnet-b1": "0.69",
    "efficientnet-b3": "1.83",
    "efficientnet-b4": "4.39",
    "efficientnet-b5": "10.27",
    "efficientnet-b6": "19.07",
    "efficientnet-b7": "37.75",
}
# Krizhevsky et al. 2012 section 4.2, Simonyan & Zisserman 2015 section 3.1, and `params_dict` in
# https://github.com/tensorflow/tpu/blob/master/models/official/efficientnet/efficientnet_builder.py
DROPOUTS: dict[str, list[float]] = {
    **{name: [0.5, 0.5] for name in PUBLISHED if name.startswith(("alexnet", "vgg"))},
    **{name: [] for name in PUBLISHED if name.startswith(("lenet", "resnet", "densenet"))},
    **{
        f"efficientnet-b{number}": [rate]
        for number, rate in enumerate((0.2, 0.2, 0.3, 0.3, 0.4, 0.4, 0.5, 0.5))
    },
}


def published(name: str, *overrides: str, side: int | None = None) -> Architecture:
    candidate = draw(load_space(f"reference/{name}", overrides), first_guess)
    if name == "lenet-5":
        return describe(candidate.architecture, (32, 32, 1), 10)
    side = side or SIDES.get(name, 224)
    return describe(candidate.architecture, (side, side, 3), 1000)


def test_every_reference_network_is_held_to_its_published_count() -> None:
    shipped = {name for name in shipped_spaces() if name.startswith("reference/")}

    assert shipped == {f"reference/{name}" for name in PUBLISHED}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_reference_network_has_the_published_number_of_weights(name: str) -> None:
    network = published(name)

    assert network.trainable_parameters == PUBLISHED[name]
    assert not any(isinstance(row.layer, Resize) for row in network.rows)  # its own resolution


@pytest.mark.parametrize("name", GIGA_MACS)
def test_a_reference_network_multiplies_as_often_as_published(name: str) -> None:
    assert f"{published(name).macs / 1e9:.2f}" == GIGA_MACS[name]


def test_efficientnet_b2_multiplies_as_often_as_published_for_its_own_images() -> None:
    # torchvision's 1.09 is for images of 288 pixels, where the paper's table 2 has 260 and 1.0.
    larger = published(
        "efficientnet-b2",
        "architecture.input.resolution=288",
        "architecture.scaling.resolution=1",
        side=288,
    )

    assert f"{published('efficientnet-b2').macs / 1e9:.1f}" == "1.0"
    assert f"{larger.macs / 1e9:.2f}" == "1.09"


def test_lenet_5_multiplies_as_often_as_counted_by_hand() -> None:
    first, second = 28 * 28 * 5 * 5 * 6, 10 * 10 * 5 * 5 * 6 * 16
    third, dense, classes = 5 * 5 * 16 * 120, 120 * 84, 84 * 10

    assert published("lenet-5").macs == first + second + third + dense + classes == 416_520


@pytest.mark.parametrize(
    ("name", "depth"),
    [("lenet-5", 5), ("alexnet", 8), ("vgg-19", 19), ("resnet-34", 34), ("resnet-152", 152)],
)
def test_a_reference_network_is_as_deep_as_its_name_says(name: str, depth: int) -> None:
    assert published(name).depth == depth


@pytest.mark.parametrize("name", DROPOUTS)
def test_a_reference_network_drops_out_as_published(name: str) -> None:
    dropouts = [row.layer.rate for row in published(name).rows if isinstance(row.layer, Dropout)]

    assert dropouts == DROPOUTS[name]


@pytest.mark.parametrize("number", range(8))
def test_an_efficientnet_skips_its_blocks_more_and_more_often(number: int) -> None:
    network = published(f"efficientnet-b{number}")
    blocks = {row.name.rpartition(".")[0] for row in network.rows if row.name.startswith("stage")}

    rates = [row.layer.rate for row in network.rows if isinstance(row.layer, StochasticDepth)]

    assert rates == sorted(rates)
    assert 0.2 * (1 - 3 / len(blocks)) < rates[-1] < 0.2  # the last blocks may have no shortcut


def test_lenet_5_halves_by_averages_what_a_hyperbolic_tangent_gave() -> None:
    kinds = [
        row.layer.kind
        for row in published("lenet-5").rows
        if isinstance(row.layer, Activation | Pooling)
    ]

    assert kinds == ["tanh", "average", "tanh", "average", "tanh", "tanh", "softmax"]


@pytest.mark.parametrize(
    ("name", "borders", "sides"),
    [
        ("alexnet", [2], [55, 27, 27, 13, 13, 13, 13, 6]),
        ("vgg-11", [], [224, 112, 112, 56, 56, 56, 28, 28, 28, 14, 14, 14, 7]),
        ("resnet-18", [3, 1], [112, 56]),
    ],
)
def test_a_reference_network_pads_as_published(
    name: str, borders: list[int], sides: list[int]
) -> None:
    rows = published(name).rows
    moving = [row for row in rows if isinstance(row.layer, Convolution | Pooling)]

    padded = [row.layer for row in rows if isinstance(row.layer, LowestPadding | ZeroPadding)]
    assert [layer.pixels for layer in padded] == borders
    assert [row.output_shape[0] for row in moving][: len(sides)] == sides


def test_a_table_of_convnext_blocks_has_the_published_number_of_weights() -> None:
    # ConvNeXt-T, whose end normalizes the pooled row in place of the map.
    rows: list[dict[str, Any]] = [
        {"blocks": [{"block": "convnext", "width": width, "kernel_size": 7}] * depth}
        for width, depth in ((96, 3), (192, 3), (384, 9), (768, 3))
    ]
    for row in rows[:-1]:
        row["pooling"] = "stride"
    document = {
        "activation": "gelu",
        "normalization": "layer",
        "stem": {"width": 96, "kernel_size": 4, "stride": 4},
        "stages": rows,
    }
    network = describe(ArchitectureSettings.model_validate(document), (224, 224, 3), 1000)

    assert network.trainable_parameters == 28_589_128
    assert f"{network.macs / 1e9:.3g}" == "4.46"


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_reference_network_takes_small_grey_images(name: str) -> None:
    candidate = draw(load_space(f"reference/{name}"), first_guess)
    side = 32 if name == "lenet-5" else SIDES.get(name, 224)

    network = describe(candidate.architecture, (28, 28, 1), 10)

    assert network.rows[0].layer == Resize(side, side)
    assert network.rows[-1].output_shape == (10,)
