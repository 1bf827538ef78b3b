"""Convolution, normalization, activation.

The building block of VGG (Simonyan & Zisserman 2015, arXiv:1409.1556), normalized as in
Ioffe & Szegedy 2015 (arXiv:1502.03167).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnsearch.architecture.writer import Writer
    from cnnsearch.space import BlockSettings


def expand(writer: Writer, node: int, settings: BlockSettings) -> int:
    """Write one convolution with its normalization, activation and dropout."""
    node = writer.convolve(node, settings.width, settings.kernel_size, settings.stride)
    node = writer.activate(node)
    return writer.drop(node, settings.dropout)
