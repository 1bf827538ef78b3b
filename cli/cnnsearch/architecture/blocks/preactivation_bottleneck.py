"""The bottleneck with normalization and activation first (He et al. 2016, arXiv:1603.05027)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnsearch.architecture.attention import attend

if TYPE_CHECKING:
    from cnnsearch.architecture.writer import Writer
    from cnnsearch.space import BlockSettings

NOT_ACTIVATED = True
EXPANSION = 4.0  # of the ResNets


def expand(writer: Writer, node: int, settings: BlockSettings) -> int:
    """Write three convolutions, each after its activation, attention, the sum and dropout."""
    inner = max(1, round(settings.width / (settings.expansion or EXPANSION)))
    first, middle = (1, settings.stride) if settings.stride_in == "middle" else (settings.stride, 1)
    active = writer.activate(writer.normalize(node, suffix="0"), suffix="1")
    branch = writer.activate(writer.convolve(active, inner, 1, first, suffix="1"), suffix="2")
    branch = writer.convolve(
        branch,
        inner,
        settings.kernel_size,
        middle,
        groups=settings.groups,
        dilation=settings.dilation,
        suffix="2",
    )
    branch = writer.activate(branch, suffix="3")
    branch = writer.convolve(branch, settings.width, 1, suffix="3", norm="later")
    branch = attend(writer, branch, settings)
    shortcut = node
    if writer.shape(node) != writer.shape(branch):
        shortcut = writer.projected(active, branch, settings.stride, norm="later")
    return writer.finish(writer.add_shortcut(branch, shortcut), settings)
