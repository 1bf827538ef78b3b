"""How the settings of trials are worded: in short, and those first that tell trials apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from cnnsearch.screen.fields import printable
from cnnsearch.screen.wording import NOTHING
from cnnsearch.space.settings import (
    AugmentationSettings,
    HeadSettings,
    InputSettings,
    NetworkSection,
    RepeatedStage,
    ScalingSettings,
    StageRow,
    StemSettings,
    TrainingSettings,
)

Settings = Mapping[str, Any]

SECTIONS = (
    ("architecture", NetworkSection),
    ("architecture.input", InputSettings),
    ("architecture.stem", StemSettings),
    ("architecture.stages", StageRow),
    ("architecture.stages", RepeatedStage),
    ("architecture.head", HeadSettings),
    ("architecture.scaling", ScalingSettings),
    ("training", TrainingSettings),
    ("data.augmentation", AugmentationSettings),
)
STAGE_NUMBERS = "1.depth is that of stage 1, counted from 0"
_STAGE_NUMBER = re.compile(r"(?:^| )\d+\.\w+")  # in words such as `phi=0.5 1.depth=2`
OF_A_STAGE = re.compile(r"architecture\.stages\.(\d+\..+)")


def setting_value(value: Any) -> str:
    """Return a setting's value in short."""
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, str):
        return printable(value)
    try:
        return printable(json.dumps(value, separators=(",", ":")))
    except (TypeError, ValueError):
        return printable(str(value))


def short_name(path: str) -> str:
    """Return the name of a setting in short, the same in every run: `head.dropout`, `optimizer`.

    It is the shortest ending that no other setting of the language has. A setting of one stage or
    block has its number: `1.kernel_size`.
    """
    of_a_stage = OF_A_STAGE.fullmatch(path)
    return printable(of_a_stage[1] if of_a_stage else _names().get(path, path))


def names_a_stage(words: str) -> bool:
    """Tell whether one of the settings in words is of a single stage: `1.depth=2`."""
    return _STAGE_NUMBER.search(words) is not None


def telling_settings(
    rows: Sequence[Settings], every: Iterable[Settings] = (), *, unlike: Settings | None = None
) -> list[str]:
    """Return a line for each row of settings, those first that tell the trials of a run apart.

    These are the settings that differ between trials: of the whole network before those of single
    stages or blocks, and those with many values before those with few.

    Args:
        rows: The settings of the trials that are listed.
        every: The settings of all trials of the run, in their order: they fix the order of
            settings, whichever trials are listed.
        unlike: Settings of one trial. Of any other only those are told that differ from them, and
            of that one those in which another listed one differs: `-` where there is none.
    """
    every = [*every, *rows]
    shown = [{path: setting_value(value) for path, value in row.items()} for row in every]
    paths = dict.fromkeys(path for row in every for path in row)
    values = {path: len({row.get(path) for row in shown}) for path in paths}
    ordered = sorted(paths, key=lambda path: (values[path] < 2, _is_local(path), -values[path]))
    return [
        " ".join(
            f"{short_name(path)}={setting_value(row[path])}" for path in ordered if path in row
        )
        or NOTHING
        for row in (rows if unlike is None else _told_by(unlike, rows))
    ]


def _told_by(unlike: Settings, rows: Sequence[Settings]) -> list[Settings]:
    """Return of each row what is told of it; what is absent from a row is told of no other."""
    told = [_differing(row, unlike) for row in rows]
    named = {path for row in told for path in row}
    own = {path: value for path, value in unlike.items() if path in named}
    return [own if row == unlike else rest for row, rest in zip(rows, told, strict=True)]


def changed_settings(row: Settings, first: Settings, most: int) -> str:
    """Return what a row of settings has else than the run's first, the whole network's ahead.

    Args:
        row: The settings of a trial.
        first: Those of the run's first trial.
        most: So many are told, and how many more there are.
    """
    changed = sorted(_differing(row, first), key=_is_local)
    words = [f"{short_name(path)}={setting_value(row[path])}" for path in changed[:most]]
    words += [f"and {len(changed) - most} more"] if len(changed) > most else []
    return " ".join(words) or "nothing"


def _differing(row: Settings, other: Settings) -> Settings:
    return {path: value for path, value in row.items() if path not in other or other[path] != value}


@cache
def _names() -> dict[str, str]:
    """Return the short names of all settings that belong to no single stage, by their paths."""
    paths = {f"{section}.{name}" for section, model in SECTIONS for name in model.model_fields}
    split = {path: path.split(".") for path in paths}
    ends = [tuple(parts[start:]) for parts in split.values() for start in range(len(parts))]
    return {path: _shortest(parts, ends) for path, parts in split.items()}


def _shortest(parts: Sequence[str], ends: Sequence[tuple[str, ...]]) -> str:
    endings = (tuple(parts[start:]) for start in reversed(range(len(parts))))
    return ".".join(next(ending for ending in endings if ends.count(ending) == 1))


def _is_local(path: str) -> bool:
    return any(part.isdecimal() for part in path.split("."))
