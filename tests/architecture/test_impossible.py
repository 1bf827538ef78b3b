"""A space of which nothing can be built is refused, by line; what only a draw spoils is not."""

from __future__ import annotations

import pytest
from tests.space.conftest import Load, load

from cnnsearch.architecture.certainty import MOST_TRIES
from cnnsearch.architecture.impossible import refuse_impossible
from cnnsearch.errors import SpaceError
from cnnsearch.space import SearchSpace, load_space, shipped_spaces

__all__ = ["load"]  # a fixture


def refusals(space: SearchSpace, side: int = 8) -> list[str]:
    """Return a line for each problem, and none where the space is not refused."""
    try:
        refuse_impossible(space, (side, side, 1), 10)
    except SpaceError as error:
        return [f"{each.where} {each.path} {each.message}" for each in error.problems]
    return []


def marked(text: str) -> tuple[str, str]:
    """Return a text without its `^`, and the place that this marks."""
    before, after = text.split("^")
    line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    return before + after, f"space.yaml:{line}:{column}"


def rows(*lines: str, network: str = "") -> str:
    """Return a space of these rows of stages."""
    stages = "".join(f"    - {{{line}}}\n" for line in lines)
    return f"architecture:\n  stages:\n{stages}{network}"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            ["width: 8, padding: valid, kernel_size: ^9"],
            (
                "architecture.stages.0.kernel_size window of 9 pixels on a map of 8x8 "
                "(stage0.block0.conv); use a smaller one, `padding: same`, or fewer strides and "
                "poolings before it"
            ),
        ),
        (
            ["width: 8, padding: ^valid, dilation: 4"],
            (
                "architecture.stages.0.padding window of 9 pixels on a map of 8x8 "
                "(stage0.block0.conv); use a smaller one, `padding: same`, or fewer strides and "
                "poolings before it"
            ),
        ),
        (
            ["width: 8, pooling: max, pooling_size: ^9", "width: 8"],
            (
                "architecture.stages.0.pooling_size window of 9 pixels on a map of 8x8 "
                "(stage0.pooling); use a smaller one, `pooling_padding: same`, or fewer strides "
                "and poolings before it"
            ),
        ),
        (
            [
                "width: 8, stride: 4",
                "width: 8, pooling: max",
                "width: 8, pooling: ^max",
                "width: 8",
            ],
            (
                "architecture.stages.2.pooling stride 2 on a side of 1 pixel: nothing "
                "left to shrink (stage2.pooling); use fewer strides and poolings, larger "
                "images, or `architecture.smallest_map`"
            ),
        ),
        (
            ["width: 8, stride: 4", "width: 8, stride: 2", "width: 8, stride: ^2"],
            (
                "architecture.stages.2.stride stride 2 on a side of 1 pixel: nothing "
                "left to shrink (stage2.block0.conv); use fewer strides and poolings, larger "
                "images, or `architecture.smallest_map`"
            ),
        ),
        (
            ["width: 8, stride: 4", "width: 8, stride: 2, pooling: ^stride", "width: 8"],
            (
                "architecture.stages.1.pooling stride 2 on a side of 1 pixel: nothing "
                "left to shrink (stage2.block0.conv); use fewer strides and poolings, larger "
                "images, or `architecture.smallest_map`"
            ),
        ),
        (
            ["width: 8", "width: 16, groups: ^3"],
            (
                "architecture.stages.1.groups 3 groups do not divide 8 channels and "
                "16 filters (stage1.block0.conv); use a number that divides both"
            ),
        ),
        (
            ["width: 8, squeeze_ratio: ^0.1"],
            (
                "architecture.stages.0.squeeze_ratio attention squeezes to less than "
                "one channel (stage0.block0); use a larger share, or 0 for no attention"
            ),
        ),
        (
            ["width: 8, stride: 2, dilation: ^2"],
            (
                "architecture.stages.0.dilation a stride and a dilation at once: "
                "TensorFlow has no such kernel (stage0.block0.conv); use one of them"
            ),
        ),
    ],
)
def test_what_no_network_can_have_is_refused_where_it_is_written(
    lines: list[str], problem: str, load: Load
) -> None:
    text, place = marked(rows(*lines))

    assert refusals(load(text)) == [f"{place} {problem}"]


@pytest.mark.parametrize(
    ("network", "path", "reason"),
    [
        ("stem: {width: 8, kernel_size: ^9, padding: valid}", "architecture.stem.kernel_size",
         "window of 9 pixels on a map of 8x8 (stem.conv)"),
        ("stem: {width: 8, stride: 2, pooling: max, pooling_size: ^5, pooling_padding: valid}",
         "architecture.stem.pooling_size", "window of 5 pixels on a map of 4x4 (stem.pooling)"),
        ("scaling: {resolution: ^0.1, phi: 2}", "architecture.scaling.resolution",
         "images of less than 4 pixels (input.resize)"),
    ],
)  # fmt: skip
def test_what_comes_before_the_stages_is_refused_too(
    network: str, path: str, reason: str, load: Load
) -> None:
    text, place = marked(rows("width: 8", network=f"  {network}\n"))

    found = refusals(load(text))

    assert len(found) == 1
    assert found[0].startswith(f"{place} {path} {reason}; use ")


def test_a_setting_of_all_stages_is_named_once(load: Load) -> None:
    space = load("architecture:\n  stages: {count: 3, width: 8, groups: 3}\n")

    assert [line.split(" ")[:2] for line in refusals(space)] == [
        ["space.yaml:2:40", "architecture.stages.groups"]
    ]


def test_faults_that_do_not_come_from_each_other_are_told_at_once(load: Load) -> None:
    space = load(
        rows(
            "width: 8, kernel_size: 9, padding: valid",
            "width: 8, groups: 3, pooling: max, pooling_size: 15",  # too large as well
            "width: 8, squeeze_ratio: 0.1",
            "width: 8, stride: 2, dilation: 2",
        )
    )

    assert [
        line.split(" ")[1].removeprefix("architecture.stages.") for line in refusals(space)
    ] == [
        "0.kernel_size",
        "1.groups",
        "2.squeeze_ratio",
        "3.dilation",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ["width: 8, kernel_size: 9, padding: {values: [valid, same]}"],
        ["width: 8, kernel_size: {values: [9, 7]}, padding: valid"],
        ["width: {values: [8, 9]}, groups: 3", "width: 9"],
        ["width: 9", "width: {values: [8, 9]}, groups: 3"],
        ["width: {values: [8, 16]}, squeeze_ratio: 0.1"],
        ["width: 8, stride: 2, dilation: {values: [2, 1]}"],
        ["width: 8, stride: 4", "width: 8, pooling: {values: [max, none]}"] + ["width: 8"] * 2,
        ['width: 8, stride: 4, groups: {values: [3, 1], when: "stride == 2"}'],
    ],
)
@pytest.mark.parametrize("network", ["", "  input: {resolution: 8}\n"])
def test_what_only_a_draw_spoils_is_not_refused(lines: list[str], network: str, load: Load) -> None:
    channels = rows("width: 9", *lines, network=network)  # none of the groups see the image's one

    assert refusals(load(channels)) == []


@pytest.mark.parametrize("other", ["16", "{min: 4, max: 64}", "null"])
def test_images_of_another_size_may_fit(other: str, load: Load) -> None:
    lines = ["width: 8, kernel_size: 9, padding: valid"]
    resolution = f"  input: {{resolution: {{values: [4, {other}]}}}}\n"
    if other.startswith("{"):
        resolution = f"  input: {{resolution: {other}}}\n"

    assert refusals(load(rows(*lines, network=resolution)), side=16) == []
    assert refusals(load(rows(*lines, network="  input: {resolution: {values: [4, 8]}}\n"))) != []


@pytest.mark.parametrize(
    ("optimizers", "refused"), [("[sgd, adam]", True), ("[sgd, adamw]", False)]
)
def test_a_condition_on_what_has_no_part_in_the_network_is_followed(
    optimizers: str, refused: bool, load: Load
) -> None:
    wide = "kernel_size: {values: [9, 11], when: \"training.optimizer != 'adamw'\"}"  # else 3
    training = f"training: {{optimizer: {{values: {optimizers}}}}}\n"

    found = refusals(load(rows(f"width: 8, padding: valid, {wide}", network=training)))

    assert bool(found) == refused


def test_a_fault_of_every_draw_says_so(load: Load) -> None:
    space = load(
        rows("width: {values: [8, 16, 32]}, block: {values: [conv, residual]}, groups: 3, depth: 2")
    )

    assert "(stage0.block0.conv), and no other draw fits; use" in refusals(space)[0]


def test_a_smallest_map_leaves_out_the_strides_that_would_not_fit(load: Load) -> None:
    lines = ["width: 8, stride: 4", "width: 8, stride: 4, dilation: 2", "width: 8, stride: 4"]

    assert refusals(load(rows(*lines))) != []
    assert refusals(load(rows(*lines, network="  smallest_map: 3\n"))) == []


def test_too_many_candidates_to_be_certain_are_left_to_the_search(load: Load) -> None:
    valid = "depth: 2, padding: valid, kernel_size: {values: [5, 6, 7, 9], per: block}"
    lines = [f"width: {{values: [8, 16, 32]}}, {valid}"] * 4

    assert MOST_TRIES < 4**8
    assert len(refusals(load(rows(*lines)), side=4)) == 1  # the first window settles it
    assert refusals(load(rows(*lines)), side=24) == []


def test_an_inherited_setting_is_named_in_its_own_file(load: Load) -> None:
    space = load("extends: vgg\narchitecture: {smallest_map: null}\n")

    where, setting = refusals(space)[0].split(" architecture.stages.")
    assert "vgg.yaml:" in where  # wherever the repository lies, in a folder with spaces too
    assert setting


def test_an_option_is_named_as_it_was_typed(load: Load) -> None:
    space = load(rows("width: 8"), "architecture.stages.0.groups=3")

    assert refusals(space)[0].startswith("--set architecture.stages.0.groups 3 groups do not")


def test_the_heading_names_the_space_and_the_images(load: Load) -> None:
    with pytest.raises(SpaceError, match=r"^space.yaml describes no network that fits .* 8x8x1\n"):
        refuse_impossible(load(rows("width: 8, groups: 3")), (8, 8, 1), 10)


@pytest.mark.parametrize("name", shipped_spaces())
def test_no_shipped_space_is_refused(name: str) -> None:
    space = load_space(name)

    assert refusals(space, side=28) == []
    refuse_impossible(space, (224, 224, 3), 1000)
