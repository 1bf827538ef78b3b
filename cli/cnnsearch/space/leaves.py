"""A leaf: one setting as the file says it, fixed or free."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

from cnnsearch.space.conditions import Condition
from cnnsearch.space.domains import Domain, Value
from cnnsearch.space.fields import Per
from cnnsearch.space.places import Path


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


def leaf_path(path: str, leaves: Container[str]) -> str:
    """Return the path of the leaf, one of `leaves`, that a setting of a candidate was drawn from.

    That of one stage or block has their numbers: `architecture.stages.2.blocks.0.dropout`.
    """
    in_stage = re.sub(r"\.blocks\.\d+", "", path)
    return in_stage if in_stage in leaves else re.sub(r"\.stages\.\d+", ".stages", in_stage)


@dataclass(frozen=True)
class RawLeaf:
    """A leaf whose `when` is still text, because the names it may use are not all known yet."""

    leaf: Leaf
    at: Path
    when: str | None = None
