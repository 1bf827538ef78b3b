"""Depthwise-separable convolution (Howard et al. 2017, arXiv:1704.04861, figure 3 right).

Each channel is convolved by itself, then a 1x1 convolution mixes them. The block of MobileNet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnsearch.architecture.attention import attend

if TYPE_CHECKING:
    from cnnsearch.architecture.writer import Writer
    from cnnsearch.space import BlockSettings


def expand(writer: Writer, node: int, settings: BlockSettings) -> int:
    """Write the depthwise and the 1x1 convolution, both activated, attention and dropout."""
    channels = writer.shape(node)[2]
    node = writer.convolve(
        node,
        channels,
        settings.kernel_size,
        settings.stride,
        groups=channels,
        dilation=settings.dilation,
        suffix="1",
    )
    node = writer.activate(node, suffix="1")
    node = writer.activate(writer.convolve(node, settings.width, 1, suffix="2"), suffix="2")
    node = attend(writer, node, settings)
    return writer.finish(node, settings)
