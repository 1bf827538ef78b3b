"""The inverted residual (Sandler et al. 2018, arXiv:1801.04381), as EfficientNet has it.

A 1x1 convolution makes the input `expansion` times wider (none where that is 1), a depthwise one
looks around, attention weighs its channels, and a 1x1 convolution without activation narrows
the map. There is a shortcut only where the input has the output's shape.
`squeeze_ratio` is a share of the block's input (Tan & Le 2019, arXiv:1905.11946, their code).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnsearch.architecture.attention import attend

if TYPE_CHECKING:
    from cnnsearch.architecture.writer import Writer
    from cnnsearch.space import BlockSettings

EXPANSION = 6.0  # table 1 of the EfficientNet paper


def expand(writer: Writer, node: int, settings: BlockSettings) -> int:
    """Write the widening, depthwise and narrowing convolutions, the shortcut and dropout."""
    channels = writer.shape(node)[2]
    inner = max(1, round(channels * (settings.expansion or EXPANSION)))
    branch = node
    if inner != channels:
        branch = writer.convolve(branch, inner, 1, suffix="1")
        branch = writer.activate(branch, suffix="1")
    branch = writer.convolve(
        branch,
        inner,
        settings.kernel_size,
        settings.stride,
        groups=inner,
        dilation=settings.dilation,
        suffix="2",
    )
    branch = writer.activate(branch, suffix="2")
    branch = attend(writer, branch, settings, share_of=channels)
    branch = writer.convolve(branch, settings.width, 1, suffix="3")
    if writer.shape(branch) == writer.shape(node):
        branch = writer.add_shortcut(branch, node)
    return writer.finish(branch, settings)
