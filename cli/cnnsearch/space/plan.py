"""The order in which the settings of a space are drawn: what a condition reads comes first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from cnnsearch.space.domains import Value
from cnnsearch.space.fields import Per
from cnnsearch.space.leaves import Leaf
from cnnsearch.space.settings import PoolingOptions

SCOPES: tuple[Per, ...] = ("model", "stage", "block")


@dataclass(frozen=True)
class StagePlan:
    """One row of `stages`; `prefix` leads to its settings.

    `last_stage` is `per_stage` for the last of repeated stages, which is never pooled.
    """

    prefix: str
    per_stage: tuple[Leaf, ...]
    per_block: tuple[Leaf, ...]
    last_stage: tuple[Leaf, ...]


@dataclass(frozen=True)
class Plan:
    """Everything `draw` needs: what is constant, and what is drawn when.

    With `repeated`, `rows` holds the one row of the short form. `present` are those sections of
    the network that could have been left out.
    """

    constants: Mapping[str, Value]
    per_model: tuple[Leaf, ...]
    rows: tuple[StagePlan, ...]
    repeated: bool
    present: frozenset[str]

    @property
    def drawn(self) -> tuple[Leaf, ...]:
        """Return the settings that are not constant, in the order in which they are drawn."""
        rows = (leaf for row in self.rows for leaf in (*row.per_stage, *row.per_block))
        return (*self.per_model, *rows)


class CircleError(ValueError):
    """The conditions of `leaf` lead back to itself."""

    def __init__(self, leaf: Leaf, circle: Iterable[str]) -> None:
        super().__init__(f"the conditions go in a circle: {' -> '.join(circle)}")
        self.leaf = leaf


def drawing_order(leaves: Iterable[Leaf]) -> list[Leaf]:
    """Return the leaves as declared, but each after those its condition reads.

    Raises:
        CircleError: There is no such order.
    """
    by_path = {leaf.path: leaf for leaf in leaves}
    ordered: dict[str, Leaf] = {}

    def visit(leaf: Leaf, above: tuple[str, ...]) -> None:
        if leaf.path in above:
            raise CircleError(leaf, (*above[above.index(leaf.path) :], leaf.path))
        if leaf.path in ordered:
            return
        for path in leaf.when.reads if leaf.when else ():
            if path in by_path:
                visit(by_path[path], (*above, leaf.path))
        ordered[leaf.path] = leaf

    for leaf in by_path.values():
        visit(leaf, ())
    return list(ordered.values())


def make_plan(leaves: Iterable[Leaf], prefixes: Iterable[str], present: Iterable[str]) -> Plan:
    """Return the plan for all leaves of a space; `prefixes` lead to the rows of `stages`.

    Raises:
        CircleError: Conditions go in a circle.
    """
    ordered = drawing_order(leaves)
    drawn = [leaf for leaf in ordered if leaf.domain is not None or leaf.when is not None]
    drawn_paths = {leaf.path for leaf in drawn}
    constants = {leaf.path: leaf.value for leaf in ordered if leaf.path not in drawn_paths}
    rows = tuple(_stage_plan(prefix, drawn) for prefix in prefixes)
    return Plan(
        constants=constants,
        per_model=tuple(leaf for leaf in drawn if leaf.per == "model"),
        rows=rows,
        repeated=any(leaf.path == "architecture.stages.count" for leaf in ordered),
        present=frozenset(present),
    )


def _stage_plan(prefix: str, drawn: Iterable[Leaf]) -> StagePlan:
    own = [leaf for leaf in drawn if leaf.path.startswith(f"{prefix}.")]
    per_stage = tuple(leaf for leaf in own if leaf.per == "stage")
    return StagePlan(
        prefix,
        per_stage,
        per_block=tuple(leaf for leaf in own if leaf.per == "block"),
        last_stage=tuple(_unpooled(prefix, per_stage)),
    )


def _unpooled(prefix: str, per_stage: Iterable[Leaf]) -> Iterator[Leaf]:
    """Yield the leaves with no pooling, whatever its scope, and nothing of its window drawn."""
    yield Leaf(f"{prefix}.pooling", "none", "none")
    options = {f"{prefix}.{name}" for name in PoolingOptions.model_fields}
    for leaf in per_stage:
        if leaf.path in options:
            yield replace(leaf, value=leaf.default, domain=None, when=None)
        elif leaf.path != f"{prefix}.pooling":
            yield leaf
