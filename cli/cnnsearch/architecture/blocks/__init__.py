"""The catalogue of blocks: one file each, whose name is the block's name in the YAML.

A block's module defines `expand(writer, node, settings)`: it writes the block's primitive rows
after row `node` and returns the last one. Every module of this folder is a block, so a new
block is one new file here. `NOT_ACTIVATED = True` in it says that the block leaves a bare sum,
which the network's end has to normalize and activate, and so has a block after it that does not
say so of itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from cnnsearch.architecture.writer import Writer
    from cnnsearch.space import BlockSettings


class Block(Protocol):
    """The function `expand` of a block's module."""

    def __call__(self, writer: Writer, node: int, settings: BlockSettings) -> int:
        """Write the block's rows after row `node` and return the last one.

        The output has `settings.width` channels, and each side is ceil(side / stride).
        """


_NAMES = sorted(module.name for module in iter_modules(__path__))
_MODULES = {name: import_module(f"{__name__}.{name}") for name in _NAMES}

BLOCKS: Mapping[str, Block] = MappingProxyType(
    {name: cast("Block", module.expand) for name, module in _MODULES.items()}
)
NOT_ACTIVATED = frozenset(
    name for name, module in _MODULES.items() if getattr(module, "NOT_ACTIVATED", False)
)
