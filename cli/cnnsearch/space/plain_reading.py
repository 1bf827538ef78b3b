"""The sections that are the same for every candidate."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from cnnsearch.space.expectations import expectations, show_number
from cnnsearch.space.fields import Section
from cnnsearch.space.gate import LIMITS, GateSection
from cnnsearch.space.section_reading import SectionReader
from cnnsearch.space.sections import (
    SCORES,
    BudgetSection,
    ConstraintsSection,
    DataSection,
    DataWithAugmentation,
    ExportSection,
    ObjectivesSection,
    SearchSection,
)

SectionType = TypeVar("SectionType", bound=Section)
DEFAULT_TIME_S = 600.0  # where the file sets no end that is sure to come


class PlainReader(SectionReader):
    """Reads the sections in which nothing may vary."""

    def data(self) -> DataSection:
        """Return the `data` section without its augmentation."""
        self.check_keys(self.mapping(("data",)), ("data",), expectations(DataWithAugmentation))
        return self._section(DataSection, "data")

    def objectives(self) -> ObjectivesSection:
        """Return the score, and the costs beside it."""
        given = self.mapping(("objectives",))
        if not given:
            return ObjectivesSection(val_accuracy="max")
        scores = sum(given.get(score) is not None for score in SCORES)
        misspelt = not scores and given.keys() - expectations(ObjectivesSection).keys()
        if scores != 1 and not misspelt:  # which is told by itself
            self.problems.add(("objectives",), "give exactly one: `val_accuracy` or `val_loss`")
        return self._checked(ObjectivesSection, "objectives")

    def constraints(self) -> ConstraintsSection:
        """Return the limits of every candidate."""
        return self._checked(ConstraintsSection, "constraints")

    def search(self) -> SearchSection:
        """Return how candidates are proposed."""
        return self._checked(SearchSection, "search")

    def budget(self) -> BudgetSection:
        """Return when the search ends: after ten minutes where the file does not say."""
        section = self._checked(BudgetSection, "budget")
        self._check_target(section.target)
        if section.time_s is None and section.trials is None and section.patience_s is None:
            return section.model_copy(update={"time_s": DEFAULT_TIME_S})
        return section

    def _check_target(self, target: float | None) -> None:
        given = self.mapping(("objectives",)).items()
        first = next((name for name, value in given if value is not None), "val_accuracy")
        if first == "val_accuracy" and target is not None and target > 1:
            text = f"no accuracy is more than 1, not {show_number(target)}; give 0.95 or 95%"
            self.problems.add(("budget", "target"), text)

    def export(self) -> ExportSection:
        """Return what the winner is written as."""
        return self._checked(ExportSection, "export")

    def gate(self) -> GateSection:
        """Return what a run is judged by, and note limits that limit nothing."""
        given = self.mapping(("gate",))
        self.check_keys(given, ("gate",), LIMITS)
        limits = {name: self._checked(LIMITS[name], "gate", name) for name in LIMITS & given.keys()}
        for name, limit in limits.items():
            if not limit.bounds and limit.level != "off" and not self._has_faults("gate", name):
                known = " or ".join(f"`{key}`" for key in limit.bound_names())
                self.problems.add(("gate", name), f"limits nothing; give {known}")
        values: dict[str, Any] = {**dict.fromkeys(LIMITS), **limits}
        return GateSection.model_construct(**values)

    def _has_faults(self, *path: str) -> bool:
        found = self.problems.found
        return any(f"{setting}.".startswith(".".join((*path, ""))) for _, setting, _ in found)

    def _checked(self, section: type[SectionType], *path: str) -> SectionType:
        self.check_keys(self.mapping(path), path, expectations(section))
        return self._section(section, *path)

    def _section(self, section: type[SectionType], *path: str) -> SectionType:
        mapping = self.mapping(path)
        values = {
            expected.attribute: self.fixed(mapping, path, expected)
            for expected in expectations(section).values()
        }
        # Each value is checked, so the model need not: some are no longer as the file has them.
        return cast("SectionType", section.model_construct(**values))
