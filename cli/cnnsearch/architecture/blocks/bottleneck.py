"""The bottleneck of ResNet-50 and deeper (He et al. 2016, arXiv:1512.03385, figure 5 right).

A 1x1 convolution makes the map `expansion` times narrower than the block, the next one looks
around, and a 1x1 convolution widens it again. The stride is in the middle one, as in torchvision,
or in the first, as in the paper. With `groups` it is ResNeXt's (Xie et al. 2017, arXiv:1611.05431).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnsearch.architecture.attention import attend

if TYPE_CHECKING:
    from cnnsearch.architecture.writer import Writer
    from cnnsearch.space import BlockSettings

EXPANSION = 4.0  # table 1 of the paper


def expand(writer: Writer, node: int, settings: BlockSettings) -> int:
    """Write three convolutions, attention, the shortcut, their sum, activation and dropout."""
    inner = max(1, round(settings.width / (settings.expansion or EXPANSION)))
    first, middle = (1, settings.stride) if settings.stride_in == "middle" else (settings.stride, 1)
    branch = writer.activate(writer.convolve(node, inner, 1, first, suffix="1"), suffix="1")
    branch = writer.convolve(
        branch,
        inner,
        settings.kernel_size,
        middle,
        groups=settings.groups,
        dilation=settings.dilation,
        suffix="2",
    )
    branch = writer.activate(branch, suffix="2")
    branch = writer.convolve(branch, settings.width, 1, suffix="3")
    branch = attend(writer, branch, settings)
    shortcut = writer.projected(node, branch, settings.stride)
    node = writer.add_shortcut(branch, shortcut)
    node = writer.activate(node, suffix="3")
    return writer.finish(node, settings)
