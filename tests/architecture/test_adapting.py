"""Networks for large images fit themselves to small ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.architecture import Architecture, InfeasibleError, describe
from cnnsearch.architecture.adapting import LeftOut, left_out
from cnnsearch.architecture.layers import Convolution, Pooling
from cnnsearch.space import ArchitectureSettings, draw, first_guess, load_space


def reference(name: str, side: int, smallest_map: int | None) -> Architecture:
    overrides = ["architecture.input.resolution=null"]
    if smallest_map is not None:
        overrides.append(f"architecture.smallest_map={smallest_map}")
    candidate = draw(load_space(f"reference/{name}", overrides), first_guess)
    return describe(candidate.architecture, (side, side, 3), 10)


def mobile(smallest_map: int, **network: Any) -> ArchitectureSettings:
    """Return a stem and three stages, each of which halves its map."""
    blocks = [{"block": "separable", "width": width, "stride": 2} for width in (16, 32, 64)]
    document = {
        "smallest_map": smallest_map,
        "stem": {"width": 8, "stride": 2},
        "stages": [{"blocks": [block]} for block in blocks],
        **network,
    }
    return ArchitectureSettings.model_validate(document)


def strides(network: Architecture) -> list[str]:
    windows = (Convolution, Pooling)
    rows = [row for row in network.rows if isinstance(row.layer, windows) and row.layer.stride > 1]
    return [row.name for row in rows if "shortcut" not in row.name]


def last_map(network: Architecture) -> tuple[int, ...]:
    return next(row.output_shape for row in reversed(network.rows) if len(row.output_shape) == 3)


def test_a_resnet_for_32_pixels_has_no_stride_before_its_stages() -> None:
    network = reference("resnet-18", 32, smallest_map=4)

    assert strides(network) == [f"stage{n}.block0.conv1" for n in (1, 2, 3)]
    assert last_map(network) == (4, 4, 512)


@pytest.mark.parametrize("name", ["resnet-50", "vgg-16", "efficientnet-b0"])
def test_large_images_are_halved_as_published(name: str) -> None:
    assert reference(name, 224, smallest_map=7) == reference(name, 224, smallest_map=None)


def test_a_stride_of_four_is_made_smaller_before_it_is_left_out() -> None:
    by_side = {side: reference("alexnet", side, 4).rows for side in (224, 64, 32)}

    stems = {
        side: next(row.layer for row in rows if isinstance(row.layer, Convolution))
        for side, rows in by_side.items()
    }
    assert {side: layer.stride for side, layer in stems.items()} == {224: 4, 64: 2, 32: 1}


def test_a_stride_given_to_the_next_stage_counts_once() -> None:
    block: dict[str, Any] = {"block": "residual", "width": 8}
    document = {
        "smallest_map": 4,
        "stages": [
            {"blocks": [block], "pooling": "stride"},
            {"blocks": [{**block, "stride": 2}], "pooling": "stride"},
            {"blocks": [block], "pooling": "stride"},
            {"blocks": [block]},
        ],
    }
    network = describe(ArchitectureSettings.model_validate(document), (16, 16, 3), 10)

    assert strides(network) == ["stage2.block0.conv1", "stage3.block0.conv1"]


@given(side=st.integers(8, 256), smallest_map=st.integers(2, 8))
def test_the_last_map_keeps_its_least_side_and_no_halving_is_wasted(
    side: int, smallest_map: int
) -> None:
    network = reference("resnet-18", side, smallest_map)

    last = last_map(network)[0]
    assert last >= min(side, smallest_map)
    assert last < 2 * smallest_map or side > 32 * (smallest_map - 1)


@pytest.mark.parametrize("name", ["vgg-16", "alexnet"])
def test_without_it_small_images_are_infeasible(name: str) -> None:
    with pytest.raises(InfeasibleError):
        reference(name, 28, smallest_map=None)

    # AlexNet's poolings without padding take away a little more than their stride says.
    assert last_map(reference(name, 28, smallest_map=4))[0] >= 2


@pytest.mark.parametrize(("smallest_map", "last"), [(3, 4), (4, 4), (5, 7), (7, 7), (8, 14)])
def test_a_stride_stays_that_leaves_just_enough(smallest_map: int, last: int) -> None:
    network = describe(mobile(smallest_map), (28, 28, 1), 10)

    assert last_map(network)[0] == last


def test_a_pooling_without_padding_loses_the_pixel_that_is_over() -> None:
    network = reference("vgg-16", 28, smallest_map=4)

    assert last_map(network)[0] == 7  # 28, 14, 7 and then 3


@given(side=st.integers(16, 64), factor=st.floats(1, 3))
def test_a_larger_size_of_a_network_has_the_same_strides(side: int, factor: float) -> None:
    settings = mobile(4)
    larger = settings.model_copy(update={"resolution_factor": factor})

    networks = [describe(each, (side, side, 1), 10) for each in (settings, larger)]

    assert strides(networks[0]) == strides(networks[1])
    assert networks[0].macs <= networks[1].macs


def test_what_is_left_out_is_told() -> None:
    assert left_out(mobile(4), side=28) == [LeftOut("stem", "stride", 2, 1)]
    assert left_out(mobile(4), side=224) == []


def test_what_is_left_out_is_told_of_poolings_and_of_strides_made_smaller() -> None:
    candidate = draw(load_space("alexnet"), first_guess)

    assert left_out(candidate.architecture, side=32) == [
        LeftOut("stage0.block0", "stride", 4, 1),
        LeftOut("stage0", "pooling", 2, 1),
    ]
