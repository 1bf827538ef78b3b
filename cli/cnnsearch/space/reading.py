"""From a document to its leaves, with every problem found on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cnnsearch.space.expectations import Expected, expectations, show
from cnnsearch.space.fields import Per, Section
from cnnsearch.space.leaf_reading import read_leaf
from cnnsearch.space.leaves import Leaf, RawLeaf
from cnnsearch.space.places import Path, dotted
from cnnsearch.space.relevance import only_where_it_matters
from cnnsearch.space.section_reading import SectionReader
from cnnsearch.space.sections import ArchitectureSection, SpaceFile
from cnnsearch.space.settings import (
    AugmentationSettings,
    HeadSettings,
    InputSettings,
    RepeatedStage,
    ScalingSettings,
    StageRow,
    StemSettings,
    TrainingSettings,
)

STAGES: Path = ("architecture", "stages")
NESTED = ("input", "stem", "stages", "head", "scaling")
OPTIONAL: tuple[tuple[str, type[Section]], ...] = (
    ("stem", StemSettings),
    ("scaling", ScalingSettings),
)


@dataclass
class LeafReader(SectionReader):
    """Walks the sections of a candidate once; `prefixes` lead to the rows of `stages`.

    `present` are the sections of the network that the file could have left out, and has not.
    """

    leaves: list[RawLeaf] = field(default_factory=list)
    expected_at: dict[str, Expected] = field(default_factory=dict)
    prefixes: list[str] = field(default_factory=list)
    present: set[str] = field(default_factory=set)

    def read_all(self) -> None:
        """Read every searchable section and check the keys at the top of the file."""
        top = expectations(SpaceFile)
        self.check_keys(self.content, (), top)
        self.fixed(self.content, (), top["name"])
        self._architecture()
        self._section(TrainingSettings, ("training",), self.mapping(("training",)))
        path: Path = ("data", "augmentation")
        self._section(AugmentationSettings, path, self.mapping(path))

    def _architecture(self) -> None:
        path: Path = ("architecture",)
        architecture = self.mapping(path)
        self._section(ArchitectureSection, path, architecture)
        self._section(InputSettings, (*path, "input"), self.mapping((*path, "input")))
        for name, section in OPTIONAL:
            if architecture.get(name) is not None:
                self.present.add(name)
                self._section(section, (*path, name), self.mapping((*path, name)))
                self._bind((*path, name))
        self._stages(architecture.get("stages"))
        self._section(HeadSettings, (*path, "head"), self.mapping((*path, "head")))

    def _stages(self, stages: Any) -> None:
        if isinstance(stages, dict):
            self.prefixes.append(dotted(STAGES))
            self._section(RepeatedStage, STAGES, stages)
            self._bind(STAGES)
        elif isinstance(stages, list) and stages:
            for index, row in enumerate(stages):
                self._row((*STAGES, index), row, last=index == len(stages) - 1)
        elif not isinstance(self.content.get("architecture") or {}, dict):
            pass  # nothing in it is missing: it is told that it is no mapping
        elif stages in (None, []):
            self.problems.add_missing(STAGES, "is missing; it says what the network is made of")
        else:
            text = f"expected a mapping or a list of rows, not {show(stages)}"
            self.problems.add(STAGES, text)

    def _row(self, path: Path, row: Any, *, last: bool) -> None:
        if not isinstance(row, dict):
            self.problems.add(path, f"expected a mapping of settings, not {show(row)}")
            return
        self.prefixes.append(dotted(path))
        self._section(StageRow, path, row, "stage")
        self._bind(path)
        pooling = row.get("pooling")
        options = pooling.get("values") if isinstance(pooling, dict) else [pooling]
        if last and isinstance(options, list) and "stride" in options:
            text = "`stride` is taken by the next stage, and this is the last"
            self.problems.add((*path, "pooling"), text)

    def _bind(self, path: Path) -> None:
        """Bind each setting of a section that needs another one to the draws of that one."""
        at = {raw.leaf.path: index for index, raw in enumerate(self.leaves)}
        for name in [name for name in at if name.rpartition(".")[0] == dotted(path)]:
            searchable = self.expected_at[name].searchable
            raw = self.leaves[at[name]]
            if (
                searchable is None
                or searchable.needs is None
                or raw.at not in self.problems.written
            ):
                continue
            other = self.leaves[at[dotted((*path, searchable.needs.setting))]]
            self.leaves[at[name]], refusal = only_where_it_matters(raw, searchable.needs, other)
            if refusal and self._written_together(raw.at, other.at):
                self.problems.add(raw.at, refusal, key=True)

    def _written_together(self, one: Path, other: Path) -> bool:
        """Return whether no file or override stands between the two, where both are written."""
        written = self.problems.written
        return other not in written or written[one].key.source == written[other].key.source

    def _section(
        self, section: type[Section], path: Path, mapping: dict[str, Any], per: Per = "model"
    ) -> None:
        """Read each field of a section but the sections within it."""
        known = expectations(section)
        self.check_keys(mapping, path, known)
        for key, expected in known.items():
            if section is not ArchitectureSection or key not in NESTED:
                self._field(mapping, (*path, key), expected, per)

    def _field(self, mapping: dict[str, Any], path: Path, expected: Expected, per: Per) -> None:
        name = dotted(path)
        self.expected_at[name] = expected
        if expected.searchable is not None and expected.key in mapping:
            value = mapping[expected.key]
            self.leaves.append(read_leaf(value, expected, path, self.problems, per))
        else:
            value = self.fixed(mapping, path[:-1], expected)
            self.leaves.append(RawLeaf(Leaf(name, value, expected.default), path))
