"""From a candidate's settings to its architecture: stem, stages of blocks, head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnsearch.architecture.adapting import adapted, with_strides_in_blocks
from cnnsearch.architecture.blocks import BLOCKS, NOT_ACTIVATED
from cnnsearch.architecture.graph import IMAGE, Architecture, GraphBuilder
from cnnsearch.architecture.layers import (
    Activation,
    Dense,
    Flatten,
    GlobalPooling,
    Pooling,
    Resize,
)
from cnnsearch.architecture.outgrown import refuse_outgrown, refuse_outgrown_image
from cnnsearch.architecture.writer import Writer

if TYPE_CHECKING:
    from cnnsearch.architecture.layers.spatial import PoolingKind
    from cnnsearch.space import (
        ArchitectureSettings,
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
    refuse_outgrown(settings)
    graph = GraphBuilder(input_shape)
    writer = Writer(graph, "input", settings.activation, settings.normalization, settings.bias)
    node = _write_input(writer, settings)
    settings = adapted(with_strides_in_blocks(settings), unscaled_side(settings, input_shape))
    if settings.stem is not None:
        node = _write_stem(writer.at("stem"), node, settings.stem)
    node = _write_stages(writer, node, settings)
    head = writer.at("head")
    if settings.stages[-1].blocks[-1].block in NOT_ACTIVATED:
        node = _activated(head, node)
    _write_head(head, node, settings.head, classes)
    return graph.finish(classes)


def unscaled_side(settings: ArchitectureSettings, input_shape: tuple[int, int, int]) -> int:
    """Return the pixels of the images' shorter side as the network is given them, unscaled."""
    return settings.input.resolution or min(input_shape[:2])


def _write_input(writer: Writer, settings: ArchitectureSettings) -> int:
    own = writer.shape(IMAGE)[:2]
    side = settings.input.resolution
    wanted = own if side is None else (side, side)
    height, width = (round(pixels * settings.resolution_factor) for pixels in wanted)
    if settings.resolution_factor != 1:
        refuse_outgrown_image(height, width)
    return IMAGE if own == (height, width) else writer.add("resize", Resize(height, width), IMAGE)


def _write_stem(writer: Writer, node: int, stem: StemSettings) -> int:
    node = writer.convolve(node, stem.width, stem.kernel_size, stem.stride, padding=stem.padding)
    node = writer.activate(node)
    if stem.pooling == "none":
        return node
    return writer.pool(
        node, stem.pooling, stem.pooling_size, stem.pooling_stride, stem.pooling_padding
    )


def _write_stages(writer: Writer, node: int, settings: ArchitectureSettings) -> int:
    written, total = 0, sum(len(stage.blocks) for stage in settings.stages)
    before = ""  # the kind of the block before
    for number, stage in enumerate(settings.stages):
        for index, block in enumerate(stage.blocks):
            rate = settings.stochastic_depth * written / total
            part = writer.at(f"stage{number}.block{index}", rate)
            if before in NOT_ACTIVATED and block.block not in NOT_ACTIVATED:
                node = _activated(part, node)
            node = BLOCKS[block.block](part, node, block)
            written, before = written + 1, block.block
        node = _write_pooling(writer.at(f"stage{number}"), node, stage)
    return node


def _activated(writer: Writer, node: int) -> int:
    """Return the bare sum of a block, normalized and activated for one that reads it as it is."""
    return writer.activate(writer.normalize(node, suffix="_before"), suffix="_before")


def _write_pooling(writer: Writer, node: int, stage: StageSettings) -> int:
    if stage.pooling == "none":
        return node
    kind: PoolingKind = "max" if stage.pooling == "max" else "average"
    size, stride, padding = stage.pooling_size, stage.pooling_stride, stage.pooling_padding
    if stage.pooling == "blur":
        # Two averages in a row weigh 1-2-1 (Zhang 2019, arXiv:1904.11486, the triangle filter).
        node = writer.add("blur", Pooling("average", size, 1, "same"), node)
    return writer.pool(node, kind, size, stride, padding)


def _write_head(writer: Writer, node: int, head: HeadSettings, classes: int) -> None:
    if head.width is not None:
        node = writer.activate(writer.convolve(node, head.width, 1))
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
