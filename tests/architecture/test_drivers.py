"""Which settings drive a cost, and that chance drives none."""

from __future__ import annotations

import random

import pytest
from tests.space.conftest import Load, load

from cnnsearch.architecture.drivers import drivers
from cnnsearch.space import Candidate, SearchSpace, draw, random_chooser

__all__ = ["load"]  # a fixture
SPACE = """
architecture:
  activation: {values: [relu, tanh]}
  stages: {count: {values: [1, 2]}, width: {min: 1, max: 1000}, depth: {min: 1, max: 2, per: stage}}
"""


@pytest.fixture
def space(load: Load) -> SearchSpace:
    return load(SPACE)


def candidates(space: SearchSpace, number: int = 400) -> list[Candidate]:
    rng = random.Random(1)
    return [draw(space, random_chooser(rng)) for _ in range(number)]


def test_the_one_setting_that_a_cost_depends_on_accounts_for_all_of_it(space: SearchSpace) -> None:
    drawn = candidates(space)
    depends = {"relu": 100, "tanh": 1000}

    (found,) = drivers(drawn, [depends[str(each.architecture.activation)] for each in drawn])

    assert found == {
        "setting": "architecture.activation",
        "share": 1.0,
        "lowest": {"values": ["relu"], "mean": 100},
        "highest": {"values": ["tanh"], "mean": 1000},
    }


def test_many_values_of_a_range_are_told_as_a_part_of_it(space: SearchSpace) -> None:
    drawn = candidates(space)
    widths = [each.architecture.stages[0].blocks[0].width for each in drawn]

    (found,) = drivers(drawn, widths)

    assert found["setting"] == "architecture.stages.width"
    low, high = found["highest"]["values"]
    assert 700 < low < 900 < high
    assert found["share"] > 0.7


def test_what_depends_on_chance_has_no_driver(space: SearchSpace) -> None:
    drawn, rng = candidates(space), random.Random(2)

    told = drivers(drawn, [rng.randint(1, 100) for _ in drawn])

    assert sum(each["share"] for each in told) < 0.05


def test_a_setting_that_only_comes_with_another_one_is_not_taken_for_it(space: SearchSpace) -> None:
    drawn = candidates(space)

    (found,) = drivers(drawn, [10 ** len(each.architecture.stages) for each in drawn])

    assert found["setting"] == "architecture.stages.count"  # and not depth of stage 1


@pytest.mark.parametrize("number", [0, 1, 19])
def test_nothing_is_told_of_few(space: SearchSpace, number: int) -> None:
    drawn = candidates(space, number)

    assert drivers(drawn, [*range(1, number + 1)]) == []


def test_nothing_is_told_of_a_cost_that_never_changes(space: SearchSpace) -> None:
    drawn = candidates(space)

    assert drivers(drawn, [7] * len(drawn)) == []
