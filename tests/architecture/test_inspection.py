"""What is told of a search space agrees with what is in it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.space.conftest import Load, load

from cnnsearch.architecture.idle_settings import NEVER_ACTIVE
from cnnsearch.architecture.inspection import inspect_space
from cnnsearch.space import SearchSpace

__all__ = ["load"]  # a fixture
WIDTHS = """
name: small
architecture:
  stages: {count: 2, width: {values: [8, 16]}}
"""


def inspected(space: SearchSpace, side: int = 28, **options: Any) -> dict[str, Any]:
    return inspect_space(space, (side, side, 1), 10, **{"draws": 60, **options})


def test_a_space_of_two_networks(load: Load) -> None:
    found = inspected(load(WIDTHS))

    assert found["candidates"] == {"number": 2, "error": 0, "exact": True}
    assert found["networks"] == found["candidates"]
    assert (found["draws"], found["feasible"], found["limits"]) == (60, 60, [])
    parameters = found["distributions"]["parameters"]
    assert [each["from"] for each in parameters["histogram"]] == [
        parameters["min"],
        parameters["max"],
    ]
    assert sum(each["count"] for each in parameters["histogram"]) == 60
    assert found["distributions"]["layers"]["percentiles"]["50"] == 3


def test_a_limit_is_told_with_what_it_removes_and_its_nearest_miss(load: Load) -> None:
    limits = 'constraints: {parameters: "<= 1000", layers: ">= 4"}'
    found = inspected(load(WIDTHS + limits))

    assert found["feasible"] == 0
    parameters, layers = found["limits"]
    assert (layers["removes"], layers["nearest_miss"]) == (60, "layers 3 < 4")
    assert parameters["limit"] == "parameters <= 1k"
    assert 0 < parameters["removes"] < 60
    # the wide network breaks both limits, the narrow one that on layers only
    assert parameters["removes_alone"] == 0
    assert layers["removes_alone"] == 60 - parameters["removes"]
    assert found["distributions_of"] == "built"


def test_a_geometry_that_is_impossible_is_told_by_its_reason(load: Load) -> None:
    space = load(WIDTHS.replace("count: 2", "count: {values: [2, 6]}"))

    found = inspected(space, side=8)

    assert found["feasible"] + sum(found["impossible"].values()) == 60
    assert 0 < found["feasible"] < 60


def test_nothing_that_can_be_built_is_told_too(load: Load) -> None:
    found = inspected(load(WIDTHS.replace("count: 2", "count: 6")), side=8)

    assert (found["feasible"], found["distributions"]) == (0, {})
    assert sum(found["impossible"].values()) == 60


def test_settings_that_never_matter_are_told(load: Load) -> None:
    space = load(
        """
name: idle
architecture:
  stem: {width: {values: [8, 16]}}
  stages:
    count: 1
    width: {values: [8, 16]}
    width_growth: {values: [1.5, 2]}
    pooling: {values: [max, average], per: stage}
  head: {units: {values: [[], [8]]}}
"""
    )

    idle = inspected(space)["idle_settings"]

    assert idle == {
        "architecture.stages.width_growth": "changes nothing in 20 tries",
        "architecture.stages.pooling": NEVER_ACTIVE,
    }


def test_settings_of_rows_and_blocks_are_found(load: Load) -> None:
    space = load(
        """
name: rows
architecture:
  stages:
    - {width: {values: [8, 16]}, depth: 2, kernel_size: {values: [3, 5], per: block}}
    - {width: 8, dropout: {values: [0.1, 0.2], per: stage}}
"""
    )

    assert inspected(space)["idle_settings"] == {}


def test_kernels_larger_than_their_map_are_told_by_stage(load: Load) -> None:
    space = load(WIDTHS.replace("count: 2", "count: 3, kernel_size: 5"))

    found = inspected(space, side=8)

    assert found["narrow_stages"] == {"stage1": 60, "stage2": 60}  # maps of 8, 4 and 2 pixels


@pytest.mark.parametrize(
    "row",
    [
        "block: conv, squeeze_ratio: 0.5, attention: cbam",
        "block: convnext, stride: 4",
        "block: self_attention, stride: 4",
    ],
)
def test_windows_that_nobody_chose_are_not_told(load: Load, row: str) -> None:
    stages = f"[{{{row}, width: 8, kernel_size: 1}}]"
    space = load(f"name: narrow\narchitecture: {{stages: {stages}}}\n")

    assert inspected(space, side=3, draws=5)["narrow_stages"] == {}


def test_the_receptive_field_is_held_against_the_image(load: Load) -> None:
    # 3x3, pooling of 2, 3x3 at jump 2: 3 + 1 + 4
    small, same, large = (inspected(load(WIDTHS), side=side) for side in (3, 8, 28))

    assert small["receptive_field"] == {
        "image_sides": [3],
        "smaller_than_image": 0,
        "larger_than_twice_the_image": 60,
    }
    assert same["receptive_field"]["smaller_than_image"] == 0
    assert large["receptive_field"]["smaller_than_image"] == 60


def test_the_same_space_gives_the_same_answer(load: Load) -> None:
    space = load(WIDTHS)

    assert inspected(space) == inspected(space)


def test_one_draw_at_least_is_looked_at_when_there_is_no_time(load: Load) -> None:
    assert inspected(load(WIDTHS), time_limit_s=0.0)["draws"] == 1


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_a_limit_on_training_sees_how_each_candidate_is_trained(load: Load, optimizer: str) -> None:
    training = f"training: {{optimizer: {optimizer}, batch_size: {{values: [1, 1000]}}}}\n"
    found = inspected(load(WIDTHS + training + 'constraints: {training_memory: "<= 2MB"}'))

    assert 0 < found["feasible"] < 60
