"""Networks block by block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnsearch.screen.blocks import OUTSIDE, fold, parts

Describe = Callable[[str], dict[str, Any]]


def test_what_acts_on_each_value_goes_with_what_comes_before(described: dict[str, Any]) -> None:
    boxes = fold(described["rows"])

    assert [[row["name"] for row in box.rows] for box in boxes] == [
        ["stem.conv", "stem.norm", "stem.activation"],
        ["stage0.conv"],
        ["stage0.add"],
        ["stage0.wide"],
        ["head.pooling", "head.dropout"],
        ["head.classes"],
    ]
    assert [box.inputs for box in boxes] == [(OUTSIDE,), (1,), (2, 1), (3,), (4,), (5,)]


def test_what_acts_before_a_layer_goes_with_it(reference: Describe) -> None:
    block = next(part for part in parts(reference("densenet-121")["rows"]) if "block" in part.name)

    first = block.boxes[0]
    assert first.words == "conv 1x1"
    assert [row["layer"]["type"] for row in first.before] == ["Normalization", "Activation"]
    assert [row["layer"]["type"] for row in first.after] == ["Normalization", "Activation"]


def test_what_weighs_a_map_is_one_box(reference: Describe) -> None:
    part = parts(reference("efficientnet-b0")["rows"])[2]

    assert part.words == "conv 1x1, depthwise 3x3 /2, squeeze-excite, conv 1x1"


def test_equal_blocks_of_a_stage_are_one_part(reference: Describe) -> None:
    found = parts(reference("resnet-50")["rows"])

    assert [part.name for part in found] == [
        "stem",
        "stage0.block0",
        "stage0.block1-2",
        "stage1.block0",
        "stage1.block1-3",
        "stage2.block0",
        "stage2.block1-5",
        "stage3.block0",
        "stage3.block1-2",
        "head",
    ]
    assert sum(part.parameters for part in found) == reference("resnet-50")["parameters"]


def test_blocks_that_differ_in_their_rate_alone_are_equal(reference: Describe) -> None:
    names = [part.name for part in parts(reference("efficientnet-b0")["rows"])]

    assert "stage5.block1-3" in names


def test_a_part_sees_nothing_new_where_no_window_of_it_does(reference: Describe) -> None:
    found = {part.name: part for part in parts(reference("efficientnet-b7")["rows"])}

    assert not found["stage4.block0"].sees_nothing_new
    assert found["stage6.block1-3"].sees_nothing_new
    assert not found["head"].sees_nothing_new  # it has no window
