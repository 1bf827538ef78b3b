"""A leaf: one setting as the file says it, fixed or free."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cnnsearch.space.conditions import Condition
from cnnsearch.space.domains import Domain, Value
from cnnsearch.space.fields import Per
from cnnsearch.space.places import Path

_BLOCK = re.compile(r"\.blocks\.\d+")
_STAGE = re.compile(r"^(architecture\.stages)\.\d+")


@dataclass(frozen=True)
class Leaf:
    """One setting of the space.

    `path` is the YAML path: `architecture.stages.depth`, whatever the stage. Where `domain` is
    None the setting is fixed at `value`. Where `when` does not hold it is `default`.
    """

    path: str
    value: Value
    default: Value
    domain: Domain | None = None
    prior: Value = None
    per: Per = "model"
    when: Condition | None = None


@dataclass(frozen=True)
class RawLeaf:
    """A leaf whose `when` is still text, because the names it may use are not all known yet."""

    leaf: Leaf
    at: Path
    when: str | None = None


def leaf_path(path: str, *, repeated: bool) -> str:
    """Return the YAML path of a candidate's setting: that of its row, or of all stages."""
    path = _BLOCK.sub("", path)
    return _STAGE.sub(r"\1", path) if repeated else path
