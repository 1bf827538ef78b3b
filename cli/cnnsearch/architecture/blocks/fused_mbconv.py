"""The inverted residual whose first two convolutions are one (Tan & Le 2021, arXiv:2104.00298).

Faster than `mbconv` where channels are few, for more weights. With `expansion` 1 a single
convolution is left, which is activated. There is a shortcut only where the shapes agree.
`squeeze_ratio` is a share of the block's input, as in their code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnsearch.architecture.attention import attend

if TYPE_CHECKING:
    from cnnsearch.architecture.writer import Writer
    from cnnsearch.space import BlockSettings

EXPANSION = 4.0  # most blocks of EfficientNetV2-S (table 4)


def expand(writer: Writer, node: int, settings: BlockSettings) -> int:
    """Write the widening and the narrowing convolution, the shortcut and dropout."""
    channels = writer.shape(node)[2]
    inner = max(1, round(channels * (settings.expansion or EXPANSION)))
    is_single = inner == channels
    branch = writer.convolve(
        node,
        settings.width if is_single else inner,
        settings.kernel_size,
        settings.stride,
        dilation=settings.dilation,
        suffix="1",
    )
    branch = writer.activate(branch, suffix="1")
    branch = attend(writer, branch, settings, share_of=channels)
    if not is_single:
        branch = writer.convolve(branch, settings.width, 1, suffix="2")
    if writer.shape(branch) == writer.shape(node):
        branch = writer.add_shortcut(branch, node)
    return writer.finish(branch, settings)
