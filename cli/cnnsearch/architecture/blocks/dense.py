"""A dense block with its transition (Huang et al. 2017, arXiv:1608.06993): DenseNet-BC.

Each of its `layers` sees all maps before it and adds `growth` channels to them: a 1x1 convolution
to `expansion` times these, then the window. Where the result does not have the block's width, a
1x1 convolution brings it there. A stride is an average pooling before the block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnsearch.architecture.attention import attend
from cnnsearch.architecture.layers import Concatenate

if TYPE_CHECKING:
    from cnnsearch.architecture.writer import Writer
    from cnnsearch.space import BlockSettings

NOT_ACTIVATED = True
EXPANSION = 4.0  # section 3, bottleneck layers


def expand(writer: Writer, node: int, settings: BlockSettings) -> int:
    """Write the pooling, the layers, attention, the transition and dropout."""
    if settings.stride > 1:
        node = writer.pool(node, "average", settings.stride, settings.stride, "same")
    for number in range(settings.layers):
        node = _write_layer(writer, node, settings, str(number))
    node = attend(writer, node, settings)
    if writer.shape(node)[2] != settings.width:
        node = writer.activate(writer.normalize(node, suffix="_end"), suffix="_end")
        node = writer.convolve(node, settings.width, 1, suffix="_end", norm="later")
    return writer.finish(node, settings)


def _write_layer(writer: Writer, node: int, settings: BlockSettings, number: str) -> int:
    inner = max(1, round(settings.growth * (settings.expansion or EXPANSION)))
    grown = writer.activate(writer.normalize(node, suffix=f"{number}_0"), suffix=f"{number}_0")
    grown = writer.convolve(grown, inner, 1, suffix=f"{number}_1")
    grown = writer.activate(grown, suffix=f"{number}_1")
    grown = writer.convolve(
        grown,
        settings.growth,
        settings.kernel_size,
        dilation=settings.dilation,
        suffix=f"{number}_2",
        norm="later",
    )
    return writer.add(f"concatenate{number}", Concatenate(), node, grown)
