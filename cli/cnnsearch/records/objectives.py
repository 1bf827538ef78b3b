"""What a study is after, as Optuna keeps it: the score first, then costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from optuna.storages.journal import JournalStorage
    from optuna.study import StudyDirection

Direction = Literal["max", "min"]
METRIC_NAMES = "study:metric_names"  # where Optuna keeps the names of the objectives


def optuna_directions(objectives: Mapping[str, Direction]) -> list[StudyDirection]:
    """Return which way each objective is better, in Optuna's words."""
    from optuna.study import StudyDirection

    ways = {"max": StudyDirection.MAXIMIZE, "min": StudyDirection.MINIMIZE}
    return [ways[direction] for direction in objectives.values()]


def read_objectives(storage: JournalStorage, study_id: int) -> dict[str, Direction]:
    """Return the objectives of a study, in their order."""
    directions = storage.get_study_directions(study_id)
    names = storage.get_study_system_attrs(study_id).get(METRIC_NAMES) or ["score"]
    ways: list[Direction] = ["max" if each.name == "MAXIMIZE" else "min" for each in directions]
    return dict(zip(names, ways, strict=True))
