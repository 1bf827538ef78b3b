"""Attention as an option of any block: which channels and which pixels matter.

Squeeze-and-excitation (Hu et al. 2018, arXiv:1709.01507) weighs the channels. CBAM (Woo et al.
2018, arXiv:1807.06521) weighs them by average and maximum, then the pixels. The convolutions
have a bias whatever the rest of the network does, as published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnsearch.architecture.infeasible import InfeasibleError
from cnnsearch.architecture.layers import (
    Activation,
    ChannelPooling,
    Concatenate,
    Convolution,
    GlobalPooling,
    Multiply,
)

if TYPE_CHECKING:
    from cnnsearch.architecture.writer import Writer
    from cnnsearch.space import BlockSettings

SPATIAL_WINDOW = 7  # pixels; the best in table 2 of the CBAM paper
NOISE = 1e-9  # of floats: 29 % of 100 channels are not to become 28


def attend(writer: Writer, node: int, settings: BlockSettings, share_of: int | None = None) -> int:
    """Write the block's attention after row `node`, or nothing where it has none.

    Args:
        writer: Of the block.
        node: The map to weigh.
        settings: Of the block.
        share_of: Channels that `squeeze_ratio` is a share of; None: the map's own.

    Raises:
        InfeasibleError: Less than one channel would be left.
    """
    if not settings.squeeze_ratio:
        return node
    squeezed = int((share_of or writer.shape(node)[2]) * settings.squeeze_ratio + NOISE)
    if squeezed < 1:
        reason = "attention squeezes to less than one channel"
        raise InfeasibleError(reason, where=writer.part, setting="squeeze_ratio")
    if settings.attention == "squeeze":
        return _weigh_channels(writer, node, _pooled(writer, node, "average"), squeezed)
    both = [_pooled(writer, node, "average"), _pooled(writer, node, "max")]
    # As two pixels of one map, both go through the same weights. The mean of the two in place of
    # the paper's sum is a matter of the last weights' scale.
    pair = writer.add("attention_pair", Concatenate("height"), *both)
    node = _weigh_channels(writer, node, pair, squeezed, is_pair=True)
    return _weigh_pixels(writer, node)


def _pooled(writer: Writer, node: int, kind: str) -> int:
    layer = GlobalPooling("max" if kind == "max" else "average", keeps_map=True)
    return writer.add(f"attention_{kind}", layer, node)


def _weigh_channels(
    writer: Writer, node: int, pooled: int, squeezed: int, *, is_pair: bool = False
) -> int:
    weights = writer.add("attention_squeeze", Convolution(squeezed, 1), pooled)
    weights = writer.activate(weights, suffix="_attention")
    channels = writer.shape(node)[2]
    weights = writer.add("attention_excite", Convolution(channels, 1), weights)
    if is_pair:
        weights = writer.add("attention_mean", GlobalPooling("average", keeps_map=True), weights)
    weights = writer.add("attention_weights", Activation("sigmoid"), weights)
    return writer.add("attention", Multiply(), node, weights)


def _weigh_pixels(writer: Writer, node: int) -> int:
    average = writer.add("pixels_average", ChannelPooling("average"), node)
    maximum = writer.add("pixels_max", ChannelPooling("max"), node)
    both = writer.add("pixels_pair", Concatenate("channels"), average, maximum)
    weights = writer.add("pixels_conv", Convolution(1, SPATIAL_WINDOW), both)
    weights = writer.add("pixels_weights", Activation("sigmoid"), weights)
    return writer.add("pixels_attention", Multiply(), node, weights)
