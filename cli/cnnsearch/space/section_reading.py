"""What reading any section needs: its mapping, its keys, and its values that cannot be searched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cnnsearch.space.expectations import Expected, show
from cnnsearch.space.fields import Section
from cnnsearch.space.places import Path, Problems
from cnnsearch.space.sections import BudgetSection, DataSection, SearchSection
from cnnsearch.space.settings import (
    AugmentationSettings,
    HeadSettings,
    NetworkSection,
    RepeatedStage,
    TrainingSettings,
)
from cnnsearch.space.spelling import closest, did_you_mean

HOMES: tuple[tuple[str, type[Section]], ...] = (  # where a misplaced setting may belong
    ("data", DataSection),
    ("data.augmentation", AugmentationSettings),
    ("search", SearchSection),
    ("budget", BudgetSection),
    ("training", TrainingSettings),
    ("architecture", NetworkSection),
    ("architecture.head", HeadSettings),
    ("architecture.stages", RepeatedStage),
)
# Their keys are what can be measured: nothing like them is a setting of another section.
QUANTITIES: tuple[Path, ...] = (("constraints",), ("objectives",), ("gate",))


@dataclass
class SectionReader:
    """Reads parts of `content` and notes what is wrong with them in `problems`."""

    content: dict[str, Any]
    problems: Problems

    def mapping(self, path: Path) -> dict[str, Any]:
        """Return the mapping at a path: empty where there is none, or where it is no mapping."""
        found: Any = self.content
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        if found is not None and not isinstance(found, dict):
            self.problems.add(path, f"expected a mapping of settings, not {show(found)}")
        return found if isinstance(found, dict) else {}

    def check_keys(self, mapping: dict[str, Any], path: Path, known: Iterable[str]) -> None:
        """Note every key that is not known, with the closest one that is."""
        known = list(known)
        for key in mapping.keys() - set(known):
            text = f"unknown {'setting' if path else 'section'}"
            otherwise = _listed(known) if path in QUANTITIES else _elsewhere(key)
            hint = did_you_mean(key, known) or otherwise
            self.problems.add((*path, key), text + hint, key=True)

    def fixed(self, mapping: dict[str, Any], path: Path, expected: Expected) -> Any:
        """Return the value of a field that cannot be searched, or its default."""
        path = (*path, expected.key)
        if expected.key not in mapping:
            if expected.required:
                self.problems.add_missing(path, "is missing")
            return expected.default_value()
        value = mapping[expected.key]
        if isinstance(value, dict) and {"values", "min", "max"} & value.keys():
            self.problems.add(path, "cannot be searched; give one value")
            return expected.default_value()
        read, faults = expected.read(value)
        for fault in faults:
            self.problems.add(path, fault.message, at=(*path, *fault.position))
        return expected.default_value() if faults else read


def _listed(known: Iterable[str]) -> str:
    return f"; there are {', '.join(f'`{name}`' for name in known)}"


def _elsewhere(key: str) -> str:
    homes = {
        info.alias or name: f"{prefix}.{info.alias or name}"
        for prefix, model in HOMES
        for name, info in model.model_fields.items()
    } | {prefix.rpartition(".")[2]: prefix for prefix, _ in HOMES if "." in prefix}
    option = closest(key, homes)
    return f"; did you mean `{homes[option]}`?" if option else ""
