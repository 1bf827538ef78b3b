"""The basic block of ResNet-18 and ResNet-34 (He et al. 2016, arXiv:1512.03385, figure 5 left).

Two convolutions and a shortcut around them. Where width or size changes, the shortcut is a
1x1 convolution with the block's stride (option B of the paper's section 4.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnsearch.architecture.attention import attend

if TYPE_CHECKING:
    from cnnsearch.architecture.writer import Writer
    from cnnsearch.space import BlockSettings


def expand(writer: Writer, node: int, settings: BlockSettings) -> int:
    """Write both convolutions, attention, the shortcut, their sum, the activation and dropout."""
    width, kernel_size, stride = settings.width, settings.kernel_size, settings.stride
    groups, dilation = settings.groups, settings.dilation
    branch = writer.convolve(
        node, width, kernel_size, stride, groups=groups, dilation=dilation, suffix="1"
    )
    branch = writer.activate(branch, suffix="1")
    branch = writer.convolve(
        branch, width, kernel_size, groups=groups, dilation=dilation, suffix="2"
    )
    branch = attend(writer, branch, settings)
    shortcut = writer.projected(node, branch, stride)
    node = writer.add_shortcut(branch, shortcut)
    node = writer.activate(node, suffix="2")
    return writer.finish(node, settings)
