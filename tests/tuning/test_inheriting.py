"""An heir differs from the best trial in regularisation only, and so can begin with its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.tuning.conftest import LoadSpace

from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Value, draw, first_guess, replay
from cnnsearch.tuning.inheriting import adopting, by_hope, heir_is_due, heirs, lineage
from cnnsearch.tuning.rungs import RungPlan

PLAN = RungPlan((4, 12, 36, 108, 324), 2, 8)
SPACE = """
    architecture: {stages: {count: 1, width: {values: [2, 3]}}, head: {dropout: {values: [0, 0.2]}}}
    training: {learning_rate: {values: [1e-3, 1e-2]}, label_smoothing: {values: [0, 0.1]}}
    data: {augmentation: {flip: {values: [none, horizontal]}, crop: {values: [0, 0.1, 0.2]}}}
"""


def trial(settings: Mapping[str, Value], *, step: int = 108) -> TrialRecord:
    return TrialRecord(0, "running", settings, 1, 1, looks={4: 0.5, step: 0.8}, value=0.8)


def test_an_heir_differs_in_one_step_of_regularisation_and_in_nothing_else(
    load: LoadSpace,
) -> None:
    space = load(SPACE)
    best = trial(draw(space, first_guess).settings)

    found = [
        {path: value for path, value in heir.settings.items() if best.settings[path] != value}
        for heir in heirs(space, best)
    ]

    assert sorted(found, key=str) == [
        {"data.augmentation.crop": 0.1},
        {"data.augmentation.flip": "horizontal"},
        {"training.label_smoothing": 0.1},
    ]


def test_where_no_regularisation_is_free_there_are_no_heirs(load: LoadSpace) -> None:
    space = load("architecture: {stages: {count: 1, width: {values: [2, 3]}}}")

    assert not list(heirs(space, trial(draw(space, first_guess).settings)))


@pytest.mark.parametrize(("step", "due"), [(36, False), (108, True), (150, True)])
def test_an_heir_waits_until_the_best_trial_is_far(step: int, due: bool) -> None:
    best = trial({}, step=step)

    assert heir_is_due(best, [best], PLAN) is due


def test_heirs_that_vary_the_images_more_come_first_and_those_with_less_come_last(
    load: LoadSpace,
) -> None:
    space = load(SPACE)
    best = trial({**draw(space, first_guess).settings, "data.augmentation.crop": 0.1})

    ordered = sorted(heirs(space, best), key=lambda heir: by_hope(heir, best))

    changes = [
        {path: value for path, value in heir.settings.items() if best.settings[path] != value}
        for heir in ordered
    ]
    assert changes[-2:] == [{"training.label_smoothing": 0.1}, {"data.augmentation.crop": 0.0}]
    assert sorted(changes[:2], key=str) == [
        {"data.augmentation.crop": 0.2},
        {"data.augmentation.flip": "horizontal"},
    ]


@pytest.mark.parametrize(("strangers_s", "due"), [(99, False), (100, True)])
def test_heirs_have_as_much_of_the_time_as_strangers(strangers_s: float, due: bool) -> None:
    best = replace(trial({}), seconds={"total": 500})
    heir = replace(best, number=1, parent=0, seconds={"total": 100})
    stranger = replace(best, number=2, seconds={"total": strangers_s})
    read_again = replace(best)

    assert heir_is_due(read_again, [best, heir, stranger], PLAN) is due


def test_what_became_the_best_counts_neither_for_heirs_nor_for_strangers() -> None:
    first = replace(trial({}), seconds={"total": 50})
    best = replace(first, number=1, parent=0, seconds={"total": 1_000})
    stranger = replace(first, number=2, seconds={"total": 1})

    assert heir_is_due(best, [first, best, stranger], PLAN)


def test_after_an_heir_comes_a_candidate_of_its_own() -> None:
    best = trial({})
    heir = replace(best, number=1, parent=0)
    other = replace(best, number=2)

    assert not heir_is_due(best, [best, heir], PLAN)
    assert heir_is_due(best, [best, heir, other], PLAN)


def test_when_another_line_leads_what_the_heirs_of_the_last_have_taken_is_forgotten() -> None:
    first = replace(trial({}), seconds={"total": 50})
    former = replace(first, number=1, parent=0, seconds={"total": 1_000})
    stranger = replace(first, number=2, seconds={"total": 10})
    best = replace(first, number=3, parent=2, seconds={"total": 10})
    other = replace(first, number=4, seconds={"total": 10})

    assert heir_is_due(best, [first, former, stranger, best, other], PLAN)


def test_a_line_leads_back_to_first_weights() -> None:
    first = trial({})
    stranger = replace(first, number=1)
    heir = replace(first, number=2, parent=0)
    best = replace(first, number=3, parent=2)

    assert lineage(best, [first, stranger, heir, best]) == [best, heir, first]


def test_a_stranger_adopts_how_the_best_is_regularised_and_nothing_else(load: LoadSpace) -> None:
    space = load(SPACE)
    guess = draw(space, first_guess).settings
    best = trial({**guess, "data.augmentation.flip": "horizontal", "training.label_smoothing": 0.1})
    own = {"architecture.stages.width": 3, "training.learning_rate": 1e-2}
    stranger = trial({**guess, **own, "data.augmentation.crop": 0.2})

    candidate = adopting(space, stranger, best)

    assert candidate is not None
    assert candidate.settings == {**best.settings, **own}


def test_where_there_is_nothing_to_adopt_there_is_no_such_heir(load: LoadSpace) -> None:
    space = load(SPACE)
    guess = draw(space, first_guess).settings

    assert adopting(space, trial({**guess, "architecture.stages.width": 3}), trial(guess)) is None


def test_where_the_network_depends_on_what_would_be_adopted_there_is_no_such_heir(
    load: LoadSpace,
) -> None:
    space = load("""
        architecture:
          stages:
            count: 1
            width: 2
            kernel_size: {values: [3, 5], when: "data.augmentation.flip == 'none'"}
        data: {augmentation: {flip: {values: [none, horizontal]}}}
    """)
    stranger = draw(space, first_guess).settings
    flipped = {"data.augmentation.flip": "horizontal"}
    best = draw(space, replay(flipped, otherwise=first_guess)).settings

    assert stranger.keys() != best.keys()
    assert adopting(space, trial(stranger), trial(best)) is None


def test_what_gets_worse_before_it_is_far_may_have_heirs_once_it_is() -> None:
    later_worse = replace(trial({}, step=36), looks={36: 0.8, 108: 0.7})

    assert heir_is_due(later_worse, [later_worse], PLAN)
