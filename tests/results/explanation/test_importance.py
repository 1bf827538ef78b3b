"""What mattered is told of trials at the same look, and of enough of them only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cnnsearch.records.objectives import Direction
from cnnsearch.records.study import Study, create_study
from cnnsearch.results.explanation.importance import LEAST_TRIALS, at_least, importance
from cnnsearch.space import Choice, RealRange, Setting, Value

CHOICES = {
    "width": Setting("width", Choice((8, 16, 32), ordinal=True)),
    "units": Setting("units", Choice(([], [64]))),
    "rate": Setting("rate", RealRange(1e-4, 1e-1, log=True)),
    "decay": Setting("decay", RealRange(0.0, 1.0)),  # of wide networks only
}
OBJECTIVES: dict[bool, dict[str, Direction]] = {
    True: {"val_accuracy": "max"},
    False: {"val_loss": "min"},
}
Score = Callable[[dict[str, Any]], float]


@pytest.fixture
def search(tmp_path: Path) -> Callable[..., Study]:
    """Return a function that makes a study of random trials, scored as told after 60 steps."""

    def make(score: Score, count: int = 60, *, maximize: bool = True) -> Study:
        study, rng = create_study(tmp_path / "study.journal", OBJECTIVES[maximize]), Random(0)
        for _ in range(count):
            settings: dict[str, Value] = {p: s.domain.draw(rng) for p, s in CHOICES.items()}
            if settings["width"] == 8:
                del settings["decay"]
            add(study, settings, {60: score(settings)})
        return study

    return make


def add(study: Study, settings: dict[str, Value], looks: dict[int, float]) -> None:
    number = study.add_trial(settings, CHOICES, parameters=1, macs=1).number
    for step, value in looks.items():
        study.report(number, step, value)
    study.end_trial(number, "pruned", seconds={})


def by_width(settings: dict[str, Any]) -> float:
    return float(settings["width"]) + Random(str(settings)).random()


def test_the_setting_that_decides_comes_first_with_what_the_best_have(
    search: Callable[..., Study],
) -> None:
    found = importance(search(by_width))

    assert found is not None
    first = found["settings"][0]
    assert (first["setting"], first["usual"]) == ("width", 32)
    assert first["with_it"] == found["best_trials"] == 12
    assert first["chance"] < 1e-4
    assert (found["step"], found["trials"]) == (60, 60)


def test_of_a_loss_the_least_are_the_best(search: Callable[..., Study]) -> None:
    found = importance(search(by_width, maximize=False))

    assert found is not None
    assert found["settings"][0]["setting"] == "width"
    assert found["settings"][0]["usual"] == 8


def test_a_setting_that_not_every_trial_has_is_told_too(search: Callable[..., Study]) -> None:
    found = importance(search(lambda settings: settings.get("decay", 0.5) + by_width({"width": 0})))

    assert found is not None
    assert found["settings"][0]["setting"] == "decay"
    assert found["settings"][0]["with_it"] is None  # a range: the middle of the best
    assert found["settings"][0]["usual"] > 0.6
    assert found["settings"][0]["chance"] < 0.01


def test_where_nothing_matters_nothing_is_unlikely_by_chance(search: Callable[..., Study]) -> None:
    found = importance(search(lambda settings: Random(str(settings)).random()))

    assert found is not None
    assert all(each["chance"] > 0.05 for each in found["settings"])


def test_the_chance_of_a_draw_is_the_exact_one() -> None:
    # of 4 cards, 2 are red: two drawn are both red in 1 of the 6 ways, one or two are in 5
    assert at_least(2, 2, 2, 4) == pytest.approx(1 / 6)
    assert at_least(1, 2, 2, 4) == pytest.approx(5 / 6)
    assert at_least(0, 2, 2, 4) == 1


def test_the_shares_make_up_one_whole(search: Callable[..., Study]) -> None:
    found = importance(search(by_width))

    assert found is not None
    assert {each["setting"] for each in found["settings"]} == set(CHOICES)
    assert sum(each["share"] for each in found["settings"]) == pytest.approx(1, abs=1e-3)


def test_few_trials_tell_nothing(search: Callable[..., Study]) -> None:
    assert importance(search(by_width, LEAST_TRIALS - 1)) is None


def test_enough_trials_do(search: Callable[..., Study]) -> None:
    found = importance(search(by_width, LEAST_TRIALS))

    assert found is not None
    assert (found["trials"], found["best_trials"]) == (LEAST_TRIALS, 5)


def test_where_all_scored_alike_nothing_mattered(search: Callable[..., Study]) -> None:
    assert importance(search(lambda settings: 0.1)) is None


def test_trials_are_compared_at_the_look_that_most_of_them_reached(
    search: Callable[..., Study],
) -> None:
    study = search(by_width)
    narrow: dict[str, Value] = {"width": 8, "units": [], "rate": 1e-2}
    for _ in range(5):
        add(study, narrow, {180: 99.0})  # later, so better: no merit of its settings

    found = importance(study)

    assert found is not None
    assert (found["trials"], found["settings"][0]["usual"]) == (60, 32)


def test_a_study_without_trials_tells_nothing(tmp_path: Path) -> None:
    assert importance(create_study(tmp_path / "study.journal", OBJECTIVES[True])) is None
