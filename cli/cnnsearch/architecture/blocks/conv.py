"""Convolution, normalization, activation.

The building block of VGG (Simonyan & Zisserman 2015, arXiv:1409.1556), normalized as in
Ioffe & Szegedy 2015 (arXiv:1502.03167).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnsearch.architecture.attention import attend

if TYPE_CHECKING:
    from cnnsearch.architecture.writer import Writer
    from cnnsearch.space import BlockSettings


def expand(writer: Writer, node: int, settings: BlockSettings) -> int:
    """Write one convolution with its normalization, activation, attention and dropout."""
    node = writer.convolve(
        node,
        settings.width,
        settings.kernel_size,
        settings.stride,
        padding=settings.padding,
        groups=settings.groups,
        dilation=settings.dilation,
    )
    node = writer.activate(node)
    node = attend(writer, node, settings)
    return writer.finish(node, settings)
