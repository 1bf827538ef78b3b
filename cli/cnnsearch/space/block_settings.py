"""Settings that only some kinds of block have: refused, or drawn only, where none is there."""

from __future__ import annotations

from dataclasses import replace

from cnnsearch.space.domains import Choice
from cnnsearch.space.expectations import Expected
from cnnsearch.space.leaves import RawLeaf
from cnnsearch.space.plan import SCOPES


def only_for_blocks(raw: RawLeaf, expected: Expected, block: RawLeaf) -> tuple[RawLeaf, str]:
    """Return the leaf, drawn only where the row's block has such a setting, and what is wrong.

    A condition that the file gives itself is left as it is.
    """
    having = expected.searchable.blocks if expected.searchable else None
    if having is None:
        return raw, ""
    kinds = _kinds(block)
    if not kinds & set(having):
        words = ", ".join(f"`{name}`" for name in having)
        found = ", ".join(f"`{name}`" for name in sorted(kinds))
        return raw, f"is a setting of {words} alone; the block is {found}"
    is_free = raw.leaf.domain is not None and raw.when is None
    drawn_before = SCOPES.index(block.leaf.per) <= SCOPES.index(raw.leaf.per)
    if is_free and drawn_before and kinds - set(having):
        return replace(raw, when=f"block in {list(having)}"), ""
    return raw, ""


def _kinds(block: RawLeaf) -> set[str]:
    domain = block.leaf.domain
    values = domain.values if isinstance(domain, Choice) else (block.leaf.value,)
    inactive = (block.leaf.default,) if block.when else ()
    return {value for value in (*values, *inactive) if isinstance(value, str)}
