"""Neighbours differ in one setting; the distance is a metric."""

from __future__ import annotations

import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.space.conftest import Load

from cnnsearch.space import (
    Candidate,
    Choice,
    Domain,
    RealRange,
    SearchSpace,
    Value,
    WholeRange,
    draw,
    first_guess,
    load_space,
    random_chooser,
    replay,
    shipped_spaces,
)
from cnnsearch.space.neighbours import distance, neighbours

seeds = st.integers(0, 2**32)
each_space = pytest.mark.parametrize("name", shipped_spaces())
SMALL = """
name: small
architecture:
  stages:
    count: {values: [1, 2]}
    width: {values: [8, 16, 32], per: stage}
training:
  optimizer: {values: [adamw, sgd]}
  weight_decay: {min: 0.0, max: 1.0, when: "optimizer == 'adamw'"}
"""


@cache
def shipped(name: str) -> SearchSpace:
    return load_space(name)


def drawn(name: str, seed: int) -> Candidate:
    return draw(shipped(name), random_chooser(random.Random(seed)))


def changes(one: Candidate, other: Candidate) -> dict[str, Value]:
    """Return the settings of `other` that `one` has not, or has otherwise."""
    return {
        path: value
        for path, value in other.settings.items()
        if path not in one.settings or one.settings[path] != value
    }


def test_the_neighbours_of_a_small_space(load: Load) -> None:
    space = load(SMALL)
    start = draw(
        space,
        replay(
            {
                "architecture.stages.count": 1,
                "architecture.stages.0.width": 16,
                "training.optimizer": "adamw",
                "training.weight_decay": 0.5,
            }
        ),
    )

    found = [changes(start, neighbour) for neighbour in neighbours(space, start)]
    assert sorted(found, key=str) == sorted(
        [
            {"architecture.stages.count": 2, "architecture.stages.1.width": 8},
            {"architecture.stages.0.width": 8},
            {"architecture.stages.0.width": 32},
            {"training.optimizer": "sgd"},
            {"training.weight_decay": 0.4},
            {"training.weight_decay": 0.6},
        ],
        key=str,
    )


@each_space
@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_a_neighbour_has_one_setting_changed_and_others_only_where_they_became_active(
    name: str, seed: int
) -> None:
    candidate = drawn(name, seed)

    for neighbour in neighbours(shipped(name), candidate):
        both = candidate.settings.keys() & neighbour.settings.keys()
        changed = [path for path in both if candidate.settings[path] != neighbour.settings[path]]
        assert len(changed) == 1
        for path in neighbour.settings.keys() - both:
            assert neighbour.settings[path] == first_guess(neighbour.choices[path])


@each_space
@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_every_setting_with_a_choice_gives_a_neighbour(name: str, seed: int) -> None:
    candidate = drawn(name, seed)

    found = {
        path
        for neighbour in neighbours(shipped(name), candidate)
        for path in candidate.settings.keys() & neighbour.settings.keys()
        if candidate.settings[path] != neighbour.settings[path]
    }
    free = {path for path, each in candidate.choices.items() if each.domain.size() != 1}
    assert found == free


@each_space
@given(first=seeds, second=seeds, third=seeds)
def test_the_distance_is_a_metric(name: str, first: int, second: int, third: int) -> None:
    one, other, third_one = (drawn(name, seed) for seed in (first, second, third))

    assert distance(one, other) == pytest.approx(distance(other, one))
    assert (distance(one, other) == 0) == (one.settings == other.settings)
    detour = distance(one, third_one) + distance(third_one, other)
    assert distance(one, other) <= detour + 1e-9


def test_ordered_values_count_by_how_far_they_are_apart(load: Load) -> None:
    space = load(SMALL)
    fixed: dict[str, Value] = {"architecture.stages.count": 1, "training.optimizer": "sgd"}
    narrow, middle, wide = (
        draw(space, replay({**fixed, "architecture.stages.0.width": width}))
        for width in (8, 16, 32)
    )

    assert distance(narrow, middle) == 0.5
    assert distance(narrow, wide) == 1.0


@pytest.mark.parametrize(
    ("domain", "value", "steps"),
    [
        (Choice(("a", "b", "c")), "b", ("a", "c")),
        (Choice((1, 2, 4), ordinal=True), 1, (2,)),
        (WholeRange(1, 9, 2), 5, (3, 7)),
        (WholeRange(1, 1024, log=True), 100, (50, 99, 101, 200)),
        (WholeRange(3, 3), 3, ()),
        (RealRange(0.0, 1.0, 0.25), 1.0, (0.75,)),
        (RealRange(0.0, 2.0), 0.1, (0.0, 0.3)),
        (RealRange(0.001, 10.0, log=True), 10.0, (3.98107170553,)),
        (RealRange(0.5, 0.5), 0.5, ()),
    ],
)
def test_steps_of_each_kind_of_domain(
    domain: Domain, value: Value, steps: tuple[Value, ...]
) -> None:
    assert domain.steps(value) == steps
