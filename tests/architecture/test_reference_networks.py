"""The published networks are tables in the language, and cost what was published."""

from __future__ import annotations

from typing import Any

import pytest

from cnnsearch.architecture import Architecture, describe
from cnnsearch.architecture.layers import Resize
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


@pytest.mark.parametrize(
    ("name", "giga_macs"),
    [
        ("alexnet", "0.714"),
        ("vgg-16", "15.5"),
        ("resnet-18", "1.81"),
        ("resnet-50", "4.09"),
        ("densenet-121", "2.83"),
        ("efficientnet-b0", "0.386"),
    ],
)
def test_a_reference_network_multiplies_as_often_as_published(name: str, giga_macs: str) -> None:
    assert f"{published(name).macs / 1e9:#.3g}" == giga_macs


def test_vgg_16_multiplies_as_often_as_published_to_four_digits() -> None:
    assert f"{published('vgg-16').macs / 1e9:.4g}" == "15.47"


@pytest.mark.parametrize(
    ("name", "depth"),
    [("lenet-5", 5), ("alexnet", 8), ("vgg-19", 19), ("resnet-34", 34), ("resnet-152", 152)],
)
def test_a_reference_network_is_as_deep_as_its_name_says(name: str, depth: int) -> None:
    assert published(name).depth == depth


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        # keras.applications counts moving statistics, and ResNet's convolutions have a bias there.
        ("resnet-50", 25_636_712),
        ("resnet-101", 44_707_176),
        ("resnet-152", 60_419_944),
    ],
)
def test_with_a_bias_a_resnet_is_that_of_keras(name: str, parameters: int) -> None:
    assert published(name, "architecture.bias=always").parameters == parameters


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


def test_a_reference_network_takes_images_of_any_size_and_channels() -> None:
    candidate = draw(load_space("reference/resnet-18"), first_guess)
    network = describe(candidate.architecture, (28, 28, 1), 10)

    assert network.rows[0].layer == Resize(224, 224)
    assert network.rows[-1].output_shape == (10,)
