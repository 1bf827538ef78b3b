"""The block of ConvNeXt (Liu et al. 2022, arXiv:2201.03545, figure 4 right).

A depthwise convolution, one normalization, a widening 1x1 convolution, the only activation, and a
narrowing one whose channels start almost silent. Where width or size changes, a normalized
convolution does that first, with a window as large as its stride (section 2.6).
The paper's networks have kernel_size 7, `activation: gelu` and `normalization: layer`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnsearch.architecture.attention import attend
from cnnsearch.architecture.layers import Scale

if TYPE_CHECKING:
    from cnnsearch.architecture.writer import Writer
    from cnnsearch.space import BlockSettings

NOT_ACTIVATED = True
EXPANSION = 4.0  # section 2.4
FIRST_SCALE = 1e-6  # of each channel, appendix A.1


def expand(writer: Writer, node: int, settings: BlockSettings) -> int:
    """Write the convolution that resizes, the branch with its attention, the sum and dropout."""
    width, stride = settings.width, settings.stride
    if stride > 1 or writer.shape(node)[2] != width:
        node = writer.normalize(node, suffix="_resize")
        node = writer.convolve(node, width, stride, stride, suffix="_resize", norm="never")
    branch = writer.convolve(
        node,
        width,
        settings.kernel_size,
        groups=width,
        dilation=settings.dilation,
        suffix="1",
    )
    inner = max(1, round(width * (settings.expansion or EXPANSION)))
    branch = writer.convolve(branch, inner, 1, suffix="2", norm="never")
    branch = writer.activate(branch, suffix="2")
    branch = writer.convolve(branch, width, 1, suffix="3", norm="never")
    branch = writer.add("scale", Scale(FIRST_SCALE), branch)
    branch = attend(writer, branch, settings)
    return writer.finish(writer.add_shortcut(branch, node), settings)
