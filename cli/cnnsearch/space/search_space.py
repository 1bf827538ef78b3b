"""The search space: a YAML file, validated."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from cnnsearch.space.binding import bind_conditions
from cnnsearch.space.constraints import LATENCIES, Constraint
from cnnsearch.space.document import Document, Override, read_document
from cnnsearch.space.gate import GateSection
from cnnsearch.space.leaves import Leaf
from cnnsearch.space.places import Origin, Problems
from cnnsearch.space.plain_reading import PlainReader
from cnnsearch.space.plan import CircleError, Plan, make_plan
from cnnsearch.space.reading import LeafReader
from cnnsearch.space.sections import (
    BudgetSection,
    ConstraintsSection,
    DataSection,
    ExportSection,
    ObjectivesSection,
    SearchSection,
)

SEVERAL_OBJECTIVES: Literal["nsga2"] = "nsga2"  # the algorithm for them, unless the file says


@dataclass(frozen=True)
class SearchSpace:
    """Everything that may vary and everything that is fixed.

    `document` is the file after `extends` and overrides: loaded again, it gives an equal space.
    `free` are the settings that may vary, in the order in which they are drawn. Of `objectives`
    the first is the validation score, the others are costs. `origin` knows where each setting was
    written; spaces that say the same are equal, wherever they say it.
    """

    name: str
    document: dict[str, Any] = field(repr=False)
    data: DataSection
    objectives: dict[str, Literal["max", "min"]]
    constraints: tuple[Constraint, ...]
    search: SearchSection
    budget: BudgetSection
    export: ExportSection
    gate: GateSection
    plan: Plan = field(repr=False)
    origin: Origin = field(repr=False, compare=False)

    @property
    def measured(self) -> tuple[str, ...]:
        """Return the latencies that are an objective or have a limit, and so are measured."""
        limited = {constraint.quantity for constraint in self.constraints} | self.gate.limited()
        return tuple(name for name in LATENCIES if name in self.objectives or name in limited)

    @property
    def free(self) -> tuple[Leaf, ...]:
        """Return the settings that may vary."""
        return tuple(leaf for leaf in self.plan.drawn if leaf.domain is not None)

    def to_yaml(self) -> str:
        """Return the document as YAML that loads as this space."""
        from cnnsearch.space.yaml_text import yaml_text

        return yaml_text(self.document)


def load_space(
    source: str | os.PathLike[str],
    overrides: Sequence[str | Override] = (),
    *,
    unknown_source: Callable[[str], str | None] = lambda source: None,
) -> SearchSpace:
    """Load a search space by path or shipped name; overrides are `path.to.setting=value`.

    An override given as text is told of as `--set`. What `unknown_source` says against
    `data.source` is told with all other problems.

    Raises:
        SpaceError: It is not valid; the error holds every problem found.
    """
    path = source if isinstance(source, str) else Path(source)
    return _validated(read_document(path, overrides), unknown_source)


def _validated(document: Document, unknown_source: Callable[[str], str | None]) -> SearchSpace:
    problems = Problems(
        document.title,
        document.source,
        document.written,
        found=list(document.faults),
        complete=document.complete,
    )
    leaves, plain = LeafReader(document.content, problems), PlainReader(document.content, problems)
    leaves.read_all()
    data, objectives, constraints = plain.data(), plain.objectives(), plain.constraints()
    search, budget, export = plain.search(), plain.budget(), plain.export()
    gate = plain.gate()
    if (message := unknown_source(data.source)) is not None:
        problems.add(("data", "source"), message)
    plan = _plan(leaves, problems)
    problems.raise_if_any()
    assert plan is not None
    return SearchSpace(
        name=document.content["name"],
        document=document.content,
        data=data,
        objectives=_directions(objectives),
        constraints=_constraints(constraints),
        search=_search(search, document, objectives),
        budget=budget,
        export=export,
        gate=gate,
        plan=plan,
        origin=Origin(document.title, document.source, document.written),
    )


def _plan(reader: LeafReader, problems: Problems) -> Plan | None:
    if not problems.complete:  # a condition may read what is inherited
        return None
    leaves = bind_conditions(reader.leaves, reader.expected_at, problems)
    try:
        return make_plan(leaves, reader.prefixes, reader.present)
    except CircleError as error:
        at = next(raw.at for raw in reader.leaves if raw.leaf.path == error.leaf.path)
        problems.add(at, str(error), at=(*at, "when"))
        return None


def _directions(section: ObjectivesSection) -> dict[str, Literal["max", "min"]]:
    given = {name: getattr(section, name) for name in ObjectivesSection.model_fields}
    return {name: direction for name, direction in given.items() if direction is not None}


def _search(
    section: SearchSection, document: Document, objectives: ObjectivesSection
) -> SearchSection:
    """Return how candidates are proposed: where the file does not say, the whole front is sought.

    The usual algorithm climbs the score alone.
    """
    named = "algorithm" in (document.content.get("search") or {})
    if named or len(_directions(objectives)) == 1:
        return section
    return section.model_copy(update={"algorithm": SEVERAL_OBJECTIVES})


def _constraints(section: ConstraintsSection) -> tuple[Constraint, ...]:
    return tuple(
        replace(each, quantity=name)
        for name in ConstraintsSection.model_fields
        for each in getattr(section, name) or ()
    )
