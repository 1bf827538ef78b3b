"""From a document to its leaves and plain sections, with every problem found on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from cnnsearch.space.expectations import Expected, expectations, show
from cnnsearch.space.leaf_reading import read_leaf
from cnnsearch.space.leaves import Leaf, RawLeaf
from cnnsearch.space.places import Path, Problems, dotted
from cnnsearch.space.sections import (
    ArchitectureSection,
    AugmentationSettings,
    BudgetSection,
    ConstraintsSection,
    DataSection,
    DataWithAugmentation,
    ExportSection,
    HeadSettings,
    InputSettings,
    ObjectivesSection,
    Per,
    RepeatedStage,
    SearchSection,
    Section,
    SpaceFile,
    StageRow,
    StemSettings,
    TrainingSettings,
)
from cnnsearch.space.spelling import did_you_mean

STAGES: Path = ("architecture", "stages")
SectionType = TypeVar("SectionType", bound=Section)


@dataclass
class SpaceReader:
    """Walks the document once; what it finds is in `leaves`, what is wrong in `problems`."""

    content: dict[str, Any]
    problems: Problems
    leaves: list[RawLeaf] = field(default_factory=list)
    expected_at: dict[str, Expected] = field(default_factory=dict)
    prefixes: list[str] = field(default_factory=list)
    has_stem: bool = False

    def read_all(self) -> None:
        """Read every searchable section and check the keys of the whole file."""
        self._known_keys(self.content, (), expectations(SpaceFile))
        self.plain_value(SpaceFile, "name")
        self._architecture()
        self._searchable(TrainingSettings, ("training",))
        self._searchable(AugmentationSettings, ("data", "augmentation"))

    def plain_value(self, section: type[Section], key: str) -> Any:
        """Return one value at the top of the file, or its default."""
        expected = expectations(section)[key]
        return self._fixed(self.content, (), expected)

    def data(self) -> DataSection:
        """Return the `data` section without its augmentation."""
        keys = tuple(DataSection.model_fields)
        self._known_keys(self._mapping(("data",)), ("data",), expectations(DataWithAugmentation))
        return self._section(DataSection, "data", keys)

    def objectives(self) -> ObjectivesSection:
        """Return the one objective."""
        read = self._plain(ObjectivesSection, "objectives")
        given = self._mapping(("objectives",))
        if not given:
            return ObjectivesSection(val_accuracy="max")
        if sum(value is not None for value in given.values()) != 1:
            self.problems.add(("objectives",), "give exactly one: `val_accuracy` or `val_loss`")
        return read

    def constraints(self) -> ConstraintsSection:
        """Return the limits of every candidate."""
        return self._plain(ConstraintsSection, "constraints")

    def search(self) -> SearchSection:
        """Return how candidates are proposed."""
        return self._plain(SearchSection, "search")

    def budget(self) -> BudgetSection:
        """Return when the search ends."""
        return self._plain(BudgetSection, "budget")

    def export(self) -> ExportSection:
        """Return what the winner is written as."""
        return self._plain(ExportSection, "export")

    def _plain(self, section: type[SectionType], key: str) -> SectionType:
        known = expectations(section)
        self._known_keys(self._mapping((key,)), (key,), known)
        return self._section(section, key, tuple(known))

    def _section(self, section: type[SectionType], name: str, keys: tuple[str, ...]) -> SectionType:
        mapping, known = self._mapping((name,)), expectations(section)
        values = {known[key].attribute: self._fixed(mapping, (name,), known[key]) for key in keys}
        return cast("SectionType", section.model_construct(**values))  # each is checked above

    def _mapping(self, path: Path) -> dict[str, Any]:
        """Return the mapping at a path: empty where there is none, or where it is no mapping."""
        found: Any = self.content
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        if found is not None and not isinstance(found, dict):
            self.problems.add(path, f"expected a mapping of settings, not {show(found)}")
        return found if isinstance(found, dict) else {}

    def _known_keys(self, mapping: dict[str, Any], path: Path, known: dict[str, Expected]) -> None:
        for key in mapping.keys() - known.keys():
            text = f"unknown {'section' if not path else 'setting'}{did_you_mean(key, known)}"
            self.problems.add((*path, key), text, key=True)

    def _fixed(self, mapping: dict[str, Any], path: Path, expected: Expected) -> Any:
        """Return the value of a field that cannot be searched."""
        path = (*path, expected.key)
        if expected.key not in mapping:
            if expected.required:
                self.problems.add(path, "is missing")
            return _default(expected)
        value = mapping[expected.key]
        if isinstance(value, dict) and {"values", "min", "max"} & value.keys():
            self.problems.add(path, "cannot be searched; give one value")
            return _default(expected)
        read, faults = expected.read(value)
        for fault in faults:
            inner = tuple(step for step in fault.at if isinstance(step, int))
            self.problems.add(path, fault.message, at=(*path, *inner))
        return _default(expected) if faults else read

    def _searchable(
        self,
        section: type[Section],
        path: Path,
        mapping: dict[str, Any] | None = None,
        skip: tuple[str, ...] = (),
        per: Per = "model",
    ) -> None:
        """Read each field of a section that may vary."""
        mapping = self._mapping(path) if mapping is None else mapping
        known = expectations(section)
        self._known_keys(mapping, path, known)
        for key, expected in known.items():
            if key not in skip:
                self._field(mapping, (*path, key), expected, per)

    def _field(self, mapping: dict[str, Any], path: Path, expected: Expected, per: Per) -> None:
        name = dotted(path)
        self.expected_at[name] = expected
        if expected.searchable is None:
            value = self._fixed(mapping, path[:-1], expected)
            self.leaves.append(RawLeaf(Leaf(name, value, expected.default), path))
        elif expected.key in mapping:
            value = mapping[expected.key]
            self.leaves.append(read_leaf(value, expected, path, self.problems, per))
        else:
            if expected.required:
                self.problems.add(path, "is missing")
            leaf = Leaf(name, expected.default, expected.default, per="model")
            self.leaves.append(RawLeaf(leaf, path))

    def _architecture(self) -> None:
        path: Path = ("architecture",)
        inner = ("input", "stem", "stages", "head")
        architecture = self._mapping(path)
        self._searchable(ArchitectureSection, path, skip=inner)
        self._searchable(InputSettings, (*path, "input"))
        self.has_stem = architecture.get("stem") is not None
        if self.has_stem:
            self._searchable(StemSettings, (*path, "stem"))
        self._stages(architecture.get("stages"))
        self._searchable(HeadSettings, (*path, "head"))

    def _stages(self, stages: Any) -> None:
        if isinstance(stages, dict):
            self.prefixes.append(dotted(STAGES))
            self._searchable(RepeatedStage, STAGES)
        elif isinstance(stages, list) and stages:
            for index, row in enumerate(stages):
                self._row((*STAGES, index), row, last=index == len(stages) - 1)
        elif stages is None:
            self.problems.add(STAGES, "is missing; it says what the network is made of")
        else:
            text = f"expected a mapping or a list of rows, not {show(stages)}"
            self.problems.add(STAGES, text)

    def _row(self, path: Path, row: Any, *, last: bool) -> None:
        if not isinstance(row, dict):
            self.problems.add(path, f"expected a mapping of settings, not {show(row)}")
            return
        self.prefixes.append(dotted(path))
        self._searchable(StageRow, path, row, per="stage")
        pooling = row.get("pooling")
        options = pooling.get("values") if isinstance(pooling, dict) else [pooling]
        if last and isinstance(options, list) and "stride" in options:
            text = "`stride` is taken by the next stage, and this is the last"
            self.problems.add((*path, "pooling"), text)


def _default(expected: Expected) -> Any:
    return tuple(expected.default) if isinstance(expected.default, list) else expected.default
