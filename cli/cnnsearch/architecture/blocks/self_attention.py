"""Self-attention over all pixels of the map (Vaswani et al. 2017, arXiv:1706.03762).

Every pixel sees every other, at a cost that grows with the square of their number: a block for
the last stages. A depthwise convolution tells where a pixel is (Chu et al. 2021,
arXiv:2102.10882), then attention, then two dense layers at each pixel; each with its shortcut,
normalized first. Where width or size changes, a convolution does that before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnsearch.architecture.attention import attend
from cnnsearch.architecture.layers import SelfAttention

if TYPE_CHECKING:
    from cnnsearch.architecture.writer import Writer
    from cnnsearch.space import BlockSettings

NOT_ACTIVATED = True
EXPANSION = 4.0  # section 3.3


def expand(writer: Writer, node: int, settings: BlockSettings) -> int:
    """Write the convolution that resizes, position, attention, the dense layers and dropout."""
    width, stride = settings.width, settings.stride
    if stride > 1 or writer.shape(node)[2] != width:
        node = writer.convolve(node, width, stride, stride, suffix="_resize")
    position = writer.convolve(
        node,
        width,
        settings.kernel_size,
        groups=width,
        dilation=settings.dilation,
        suffix="_position",
        norm="never",
    )
    node = writer.add_shortcut(position, node, suffix="_position")
    seen = writer.normalize(node, suffix="_attention")
    seen = writer.add("self_attention", SelfAttention(settings.heads), seen)
    node = writer.add_shortcut(seen, node, suffix="_attention")
    inner = max(1, round(width * (settings.expansion or EXPANSION)))
    branch = writer.normalize(node, suffix="0")
    branch = writer.convolve(branch, inner, 1, suffix="1", norm="never")
    branch = writer.activate(branch, suffix="1")
    branch = writer.convolve(branch, width, 1, suffix="2", norm="never")
    branch = attend(writer, branch, settings)
    return writer.finish(writer.add_shortcut(branch, node), settings)
