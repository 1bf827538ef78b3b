"""The basic block with normalization and activation first (He et al. 2016, arXiv:1603.05027).

Nothing but sums lies on the path of the shortcuts. A shortcut that changes width or size starts
after the first activation, as in figure 4e's code, and is not normalized.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnsearch.architecture.attention import attend

if TYPE_CHECKING:
    from cnnsearch.architecture.writer import Writer
    from cnnsearch.space import BlockSettings

NOT_ACTIVATED = True


def expand(writer: Writer, node: int, settings: BlockSettings) -> int:
    """Write both convolutions, each after its activation, attention, the sum and dropout."""
    width, kernel_size, stride = settings.width, settings.kernel_size, settings.stride
    groups, dilation = settings.groups, settings.dilation
    active = writer.activate(writer.normalize(node, suffix="0"), suffix="1")
    branch = writer.convolve(
        active, width, kernel_size, stride, groups=groups, dilation=dilation, suffix="1"
    )
    branch = writer.activate(branch, suffix="2")
    branch = writer.convolve(
        branch, width, kernel_size, groups=groups, dilation=dilation, suffix="2", norm="later"
    )
    branch = attend(writer, branch, settings)
    shortcut = node
    if writer.shape(node) != writer.shape(branch):
        shortcut = writer.projected(active, branch, stride, norm="later")
    return writer.finish(writer.add_shortcut(branch, shortcut), settings)
