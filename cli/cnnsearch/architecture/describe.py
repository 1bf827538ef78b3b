"""From a candidate's settings to its architecture: stem, stages of blocks, head."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cnnsearch.architecture.blocks import BLOCKS
from cnnsearch.architecture.graph import IMAGE, Architecture, GraphBuilder
from cnnsearch.architecture.layers import (
    Activation,
    Dense,
    Flatten,
    GlobalPooling,
    Pooling,
    Resize,
)
from cnnsearch.architecture.writer import Writer

if TYPE_CHECKING:
    from cnnsearch.space import (
        ArchitectureSettings,
        BlockSettings,
        HeadSettings,
        StageSettings,
        StemSettings,
    )


def describe(
    settings: ArchitectureSettings, input_shape: tuple[int, int, int], classes: int
) -> Architecture:
    """Return the network that the settings describe for images of `input_shape`.

    Rows are named after the settings' own paths: what `architecture.stages.2` describes is
    `stage2`, and its first block is `stage2.block0`.

    Args:
        settings: One candidate's choices.
        input_shape: (height, width, channels) of the data, before any resizing.
        classes: How many probabilities come out.

    Raises:
        InfeasibleError: The geometry is impossible, such as pooling a map of one pixel.
    """
    graph = GraphBuilder(input_shape)
    writer = Writer(graph, "input", settings.activation, settings.normalization)
    node = _write_input(writer, settings.input.resolution)
    if settings.stem is not None:
        node = _write_stem(replace(writer, part="stem"), node, settings.stem)
    node = _write_stages(writer, node, settings.stages)
    _write_head(replace(writer, part="head"), node, settings.head, classes)
    return graph.finish(classes)


def _write_input(writer: Writer, resolution: int | None) -> int:
    if resolution is None or writer.shape(IMAGE)[:2] == (resolution, resolution):
        return IMAGE
    return writer.add("resize", Resize(resolution, resolution), IMAGE)


def _write_stem(writer: Writer, node: int, stem: StemSettings) -> int:
    node = writer.convolve(node, stem.width, stem.kernel_size, stem.stride)
    node = writer.activate(node)
    if stem.pooling == "none":
        return node
    # 3x3 with stride 2, as ResNet's stem (He et al. 2016, table 1)
    return writer.add("pooling", Pooling(stem.pooling, 3, 2, "same"), node)


def _write_stages(writer: Writer, node: int, stages: tuple[StageSettings, ...]) -> int:
    stride = 1  # the least that the next block strides by: 2 after a stage that halves this way
    for number, stage in enumerate(stages):
        for index, block in enumerate(stage.blocks):
            part = replace(writer, part=f"stage{number}.block{index}")
            node = BLOCKS[block.block](part, node, _at_least(stride, block))
            stride = 1
        if stage.pooling == "stride":
            stride = 2
        elif stage.pooling != "none":
            part = replace(writer, part=f"stage{number}")
            node = part.add("pooling", Pooling(stage.pooling), node)
    return node


def _at_least(stride: int, block: BlockSettings) -> BlockSettings:
    return block if block.stride >= stride else block.model_copy(update={"stride": stride})


def _write_head(writer: Writer, node: int, head: HeadSettings, classes: int) -> None:
    if head.pooling == "flatten":
        node = writer.add("flatten", Flatten(), node)
    else:
        node = writer.add("pooling", GlobalPooling(head.pooling), node)
    for index, units in enumerate(head.units):
        node = writer.add(f"dense{index}", Dense(units), node)
        node = writer.activate(node, suffix=str(index))
        node = writer.drop(node, head.dropout, suffix=str(index))
    if not head.units:
        node = writer.drop(node, head.dropout)
    node = writer.add("classes", Dense(classes), node)
    writer.add("probabilities", Activation("softmax"), node)
