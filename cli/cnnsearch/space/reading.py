"""From a document to its leaves, with every problem found on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cnnsearch.space.expectations import Expected, expectations, show
from cnnsearch.space.fields import Per, Section
from cnnsearch.space.leaf_reading import read_leaf
from cnnsearch.space.leaves import Leaf, RawLeaf
from cnnsearch.space.places import Path, dotted
from cnnsearch.space.section_reading import SectionReader
from cnnsearch.space.sections import ArchitectureSection, SpaceFile
from cnnsearch.space.settings import (
    AugmentationSettings,
    HeadSettings,
    InputSettings,
    RepeatedStage,
    StageRow,
    StemSettings,
    TrainingSettings,
)

STAGES: Path = ("architecture", "stages")
NESTED = ("input", "stem", "stages", "head")


@dataclass
class LeafReader(SectionReader):
    """Walks the sections of a candidate once; `prefixes` lead to the rows of `stages`."""

    leaves: list[RawLeaf] = field(default_factory=list)
    expected_at: dict[str, Expected] = field(default_factory=dict)
    prefixes: list[str] = field(default_factory=list)
    has_stem: bool = False

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
        self.has_stem = architecture.get("stem") is not None
        if self.has_stem:
            self._section(StemSettings, (*path, "stem"), self.mapping((*path, "stem")))
        self._stages(architecture.get("stages"))
        self._section(HeadSettings, (*path, "head"), self.mapping((*path, "head")))

    def _stages(self, stages: Any) -> None:
        if isinstance(stages, dict):
            self.prefixes.append(dotted(STAGES))
            self._section(RepeatedStage, STAGES, stages)
        elif isinstance(stages, list) and stages:
            for index, row in enumerate(stages):
                self._row((*STAGES, index), row, last=index == len(stages) - 1)
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
        pooling = row.get("pooling")
        options = pooling.get("values") if isinstance(pooling, dict) else [pooling]
        if last and isinstance(options, list) and "stride" in options:
            text = "`stride` is taken by the next stage, and this is the last"
            self.problems.add((*path, "pooling"), text)

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
