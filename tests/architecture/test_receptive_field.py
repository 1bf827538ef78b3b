"""What the pixels of a map see of the image, against values worked out by hand."""

from __future__ import annotations

import pytest

from cnnsearch.architecture import IMAGE, Architecture, describe
from cnnsearch.architecture.graph import GraphBuilder
from cnnsearch.architecture.layers import (
    Activation,
    Add,
    Convolution,
    Dense,
    Flatten,
    GlobalPooling,
    Layer,
    Pooling,
    Resize,
    SelfAttention,
)
from cnnsearch.architecture.receptive_field import (
    ReceptiveField,
    receptive_field,
    receptive_fields,
    rows_that_see_nothing_new,
    seen_image,
)
from cnnsearch.space import ArchitectureSettings, draw, first_guess, load_space

STRIDE_IN_FIRST = tuple(f"architecture.stages.{stage}.stride_in=first" for stage in (1, 2, 3))


def chain(side: int, *layers: Layer) -> Architecture:
    graph, node = GraphBuilder((side, side, 1)), IMAGE
    for index, layer in enumerate(layers):
        node = graph.append(f"row{index}", layer, node)
    return graph.finish(classes=2)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (Convolution(1, 1), ReceptiveField(1, 1, (0, 0))),
        (Convolution(1, 3), ReceptiveField(3, 1, (0, 0))),
        (Convolution(1, 3, padding="valid"), ReceptiveField(3, 1, (1, 1))),
        (Convolution(1, 3, dilation=2), ReceptiveField(5, 1, (0, 0))),
        # of a side of 8, `same` pads a stride of 2 after the last pixel only
        (Convolution(1, 3, stride=2), ReceptiveField(3, 2, (1, 1))),
        (Convolution(1, 1, stride=2), ReceptiveField(1, 2, (0, 0))),
        (Pooling("max"), ReceptiveField(2, 2, (0.5, 0.5))),
        (Activation("relu"), ReceptiveField(1, 1, (0, 0))),
    ],
)
def test_one_layer(layer: Layer, expected: ReceptiveField) -> None:
    assert receptive_fields(chain(8, layer)) == (expected,)


def test_a_stride_spreads_all_that_follows() -> None:
    network = chain(
        40,
        Convolution(1, 3, stride=2, padding="valid"),
        Convolution(1, 3, padding="valid"),
        Pooling("average"),
        Convolution(1, 5, padding="valid"),
    )

    fields = [field for field in receptive_fields(network) if field]
    assert [(field.size, field.jump) for field in fields] == [(3, 2), (7, 2), (9, 4), (25, 4)]
    assert [field.centre[0] for field in fields] == [1, 3, 4, 12]


def test_where_paths_meet_the_one_that_sees_most_counts() -> None:
    graph = GraphBuilder((9, 9, 1))
    narrow = graph.append("narrow", Convolution(1, 1), IMAGE)
    wide = graph.append("wide", Convolution(1, 5), IMAGE)
    graph.append("add", Add(), narrow, wide)

    assert receptive_field(graph.finish(classes=1)).size == 5


def test_self_attention_sees_all_that_its_map_covers_from_every_pixel() -> None:
    network = chain(9, SelfAttention(1))

    assert receptive_field(network) == ReceptiveField(9, 0, (4, 4))


def test_what_self_attention_has_seen_whole_is_not_widened_by_what_follows() -> None:
    attention = SelfAttention(1)
    network = chain(16, Convolution(1, 3), Pooling("max"), attention, Convolution(1, 3), attention)

    fields = [field for field in receptive_fields(network) if field]
    # 8 pixels at jump 2, of which each sees 4: from one before the image to one after it
    assert [(field.size, field.jump) for field in fields] == [
        (3, 1), (4, 2), (18, 0), (18, 0), (18, 0)
    ]  # fmt: skip
    assert [field.centre for field in fields[1:]] == [(0.5, 0.5), *[(7.5, 7.5)] * 3]
    assert rows_that_see_nothing_new(network) == {3, 4}


def test_blocks_of_self_attention_see_the_image_once() -> None:
    stage = {"blocks": [{"block": "self_attention", "width": 8}] * 3}
    network = describe(ArchitectureSettings.model_validate({"stages": [stage]}), (28, 20, 1), 10)

    # the first 3x3 window adds a pixel on both sides, over the edge
    assert receptive_field(network) == ReceptiveField(30, 0, (13.5, 9.5))


def test_what_has_no_map_has_no_receptive_field() -> None:
    pooled = chain(8, Convolution(1, 3), GlobalPooling("average"), Dense(2))
    flat = chain(8, Convolution(1, 3), Flatten(), Dense(2))

    for network in (pooled, flat):
        assert receptive_fields(network)[1:] == (None, None)
        assert receptive_field(network).size == 3


def test_an_image_is_measured_as_the_network_sees_it() -> None:
    network = chain(8, Resize(32, 24), Convolution(1, 3))

    assert seen_image(network) == (32, 24)
    assert receptive_field(network).size == 3


def test_rows_that_see_nothing_new_come_after_the_image_is_seen_whole() -> None:
    network = chain(
        5, *[Convolution(1, 3) for _ in range(4)], Activation("relu"), GlobalPooling("max")
    )

    assert rows_that_see_nothing_new(network) == {2, 3}


def test_vgg16_sees_212_pixels_at_its_last_pooling() -> None:
    # Simonyan & Zisserman 2015, configuration D
    blocks = [
        layer
        for depth in (2, 2, 3, 3, 3)
        for layer in [Convolution(1, 3)] * depth + [Pooling("max")]
    ]

    field = receptive_field(chain(224, *blocks))

    assert (field.size, field.jump) == (212, 32)


def bottleneck_network(stride_in_the_first: bool) -> Architecture:
    """Return ResNet-50's windows (He et al. 2016, table 1); the stride is in a 1x1 or a 3x3."""
    graph = GraphBuilder((224, 224, 3))
    node = graph.append("stem", Convolution(1, 7, stride=2), IMAGE)
    node = graph.append("pooling", Pooling("max", 3, 2, "same"), node)
    for stage, depth in enumerate((3, 4, 6, 3)):
        for block in range(depth):
            stride = 2 if stage and not block else 1
            first, second = (stride, 1) if stride_in_the_first else (1, stride)
            name = f"stage{stage}.block{block}"
            branch = graph.append(f"{name}.conv1", Convolution(1, 1, first), node)
            branch = graph.append(f"{name}.conv2", Convolution(1, 3, second), branch)
            branch = graph.append(f"{name}.conv3", Convolution(1, 1), branch)
            shortcut = graph.append(f"{name}.shortcut", Convolution(1, 1, stride), node)
            node = graph.append(f"{name}.add", Add(), branch, shortcut)
    return graph.finish(classes=1000)


@pytest.mark.parametrize(("stride_in_the_first", "size"), [(True, 483), (False, 427)])
def test_resnet50_sees_what_was_published(stride_in_the_first: bool, size: int) -> None:
    field = receptive_field(bottleneck_network(stride_in_the_first))

    assert (field.size, field.jump) == (size, 32)


def test_a_described_network_is_measured_to_its_last_map() -> None:
    settings = ArchitectureSettings.model_validate(
        {
            "stem": {"width": 4, "kernel_size": 5, "stride": 2},
            "stages": [
                {"blocks": [{"block": "residual", "width": 4}], "pooling": "max"},
                {"blocks": [{"block": "conv", "width": 4}]},
            ],
        }
    )

    # 5, then two 3x3 at jump 2, a pooling of 2 at jump 2, a 3x3 at jump 4
    assert receptive_field(describe(settings, (28, 28, 1), 10)).size == 5 + 8 + 2 + 8


@pytest.mark.parametrize(
    ("name", "overrides", "size"),
    [
        ("reference/vgg-16", (), 212),
        ("reference/resnet-50", (), 427),
        ("reference/resnet-50", STRIDE_IN_FIRST, 483),
    ],
)
def test_reference_networks_see_what_was_published(
    name: str, overrides: tuple[str, ...], size: int
) -> None:
    candidate = draw(load_space(name, overrides), first_guess)

    field = receptive_field(describe(candidate.architecture, (224, 224, 3), 1000))

    assert (field.size, field.jump) == (size, 32)
