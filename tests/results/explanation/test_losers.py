"""The nearest losers differ least from the winner, and are compared after as many steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.results.conftest import MakeRun

from cnnsearch.records.files import write_bytes
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import Study, open_study
from cnnsearch.results.explanation.losers import nearest_losers
from cnnsearch.space import draw, load_space, replay

WIDTH, KERNEL, RATE = (
    "architecture.stages.width",
    "architecture.stages.kernel_size",
    "training.learning_rate",
)
SPACE = b"""
name: small
architecture:
  stages: {count: 1, width: {values: [8, 16, 32]}, kernel_size: {values: [3, 5]}}
training: {learning_rate: {min: 1e-4, max: 1e-1, log: true}}
"""
WINNER = {WIDTH: 32, KERNEL: 3, RATE: 1e-2}


@pytest.fixture
def folder(make_run: MakeRun) -> RunFolder:
    made = make_run()
    write_bytes(made.space_file, SPACE)
    return made


def add(folder: RunFolder, changes: Mapping[str, Any], looks: Mapping[int, float]) -> None:
    """Add a trial with the winner's settings but for the changes."""
    study = open_study(folder.journal, writing=True)
    candidate = draw(load_space(folder.space_file), replay({**WINNER, **changes}))
    number = study.add_trial(candidate.settings, candidate.choices, parameters=1, macs=1).number
    for step, value in looks.items():
        study.report(number, step, value)
    study.end_trial(number, "pruned", seconds={})


def losers(folder: RunFolder) -> dict[str, Any]:
    study: Study = open_study(folder.journal)
    best = study.best()
    assert best is not None
    found = nearest_losers(folder, study, best)
    assert found is not None
    return found


def test_they_are_the_nearest_with_what_differs_and_what_it_cost(folder: RunFolder) -> None:
    add(folder, {}, {60: 0.5, 180: 0.8})
    add(folder, {WIDTH: 8, KERNEL: 5}, {60: 0.2})
    add(folder, {WIDTH: 16}, {60: 0.45, 180: 0.7})

    found = losers(folder)

    assert found["trial"] == 0
    assert found["trials"] == [
        {
            "trial": 2,
            "step": 180,
            "worse_by": pytest.approx(0.1),
            "differences": [{"setting": WIDTH, "winner": 32, "loser": 16}],
        },
        {
            "trial": 1,
            "step": 60,
            "worse_by": pytest.approx(0.3),
            "differences": [
                {"setting": KERNEL, "winner": 3, "loser": 5},
                {"setting": WIDTH, "winner": 32, "loser": 8},
            ],
        },
    ]


def test_at_most_three_are_told(folder: RunFolder) -> None:
    add(folder, {}, {60: 0.9})
    for rate in (1e-4, 1e-3, 2e-3, 2e-2):
        add(folder, {RATE: rate}, {60: 0.5})

    assert [trial["trial"] for trial in losers(folder)["trials"]] == [4, 3, 2]


def test_a_trial_without_a_look_in_common_is_not_compared(folder: RunFolder) -> None:
    add(folder, {}, {60: 0.9})
    add(folder, {WIDTH: 16}, {})
    add(folder, {WIDTH: 8}, {20: 0.1})

    assert losers(folder)["trials"] == []


def test_a_loser_that_was_ahead_early_is_told_as_such(folder: RunFolder) -> None:
    add(folder, {}, {60: 0.5, 180: 0.8})
    add(folder, {WIDTH: 16}, {60: 0.6})

    assert losers(folder)["trials"][0]["worse_by"] == pytest.approx(-0.1)


def test_how_much_may_be_chance_follows_from_the_validation_images(folder: RunFolder) -> None:
    add(folder, {}, {60: 0.8})

    # Wilson's interval of 160 in 200 is 0.7392 to 0.8496: hypot(0.0608, 0.0496)
    assert losers(folder)["chance"] == pytest.approx(0.0785, abs=1e-4)


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_equal_scores_of_all_or_nothing_may_differ_by_chance_too(
    folder: RunFolder, score: float
) -> None:
    add(folder, {}, {60: score})
    add(folder, {WIDTH: 16}, {60: score})

    found = losers(folder)

    assert found["chance"] == pytest.approx(1.96**2 / (200 + 1.96**2), abs=1e-4)
    assert found["trials"][0]["worse_by"] == 0


def test_a_space_that_can_no_longer_be_read_has_no_neighbours(folder: RunFolder) -> None:
    add(folder, {}, {60: 0.8})
    study = open_study(folder.journal)
    write_bytes(folder.space_file, b"name: small\n")

    assert nearest_losers(folder, study, study.trials()[0]) is None
