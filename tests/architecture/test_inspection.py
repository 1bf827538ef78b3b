"""What is told of a search space agrees with what is in it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.space.conftest import Load, load

from cnnsearch.architecture.idle_settings import IdleSettings, idle_settings
from cnnsearch.architecture.inspection import inspect_space
from cnnsearch.space import SearchSpace, draw, first_guess

__all__ = ["load"]  # a fixture
WIDTHS = """
name: small
architecture:
  stages: {count: 2, width: {values: [8, 16]}}
"""
# more candidates than are looked at, so that they are drawn
MANY = WIDTHS.replace("[8, 16]}}", "[8, 16]}, dropout: {min: 0, max: 0.9, step: 0.001}}")


def inspected(space: SearchSpace, side: int = 28, **options: Any) -> dict[str, Any]:
    return inspect_space(space, (side, side, 1), 10, **{"draws": 60, **options})


def test_a_space_of_two_networks(load: Load) -> None:
    found = inspected(load(WIDTHS))

    assert found["candidates"] == {"number": 2, "error": 0, "exact": True}
    assert found["networks"] == found["candidates"]
    assert (found["draws"], found["exhaustive"]) == (2, True)
    assert (found["feasible"], found["limits"]) == (2, [])
    parameters = found["distributions"]["parameters"]
    assert [each["from"] for each in parameters["histogram"]] == [
        parameters["min"],
        parameters["max"],
    ]
    assert [each["count"] for each in parameters["histogram"]] == [1, 1]
    assert found["distributions"]["layers"]["percentiles"]["50"] == 3


def test_a_limit_is_told_with_what_it_removes_and_its_nearest_miss(load: Load) -> None:
    limits = 'constraints: {parameters: "<= 1000", layers: ">= 4"}'
    found = inspected(load(WIDTHS + limits))

    assert found["feasible"] == 0
    parameters, layers = found["limits"]
    assert (layers["removes"], layers["nearest_miss"]) == (2, "layers 3 < 4")
    assert parameters["limit"] == "parameters <= 1k"
    assert parameters["nearest_settings"] == {"architecture.stages.width": 16}
    # the wide network breaks both limits, the narrow one that on layers only
    assert (parameters["removes"], parameters["removes_alone"]) == (1, 0)
    assert layers["removes_alone"] == 1
    assert found["distributions_of"] == "built"


def test_a_geometry_that_is_impossible_is_told_by_its_reason(load: Load) -> None:
    space = load(WIDTHS.replace("count: 2", "count: {values: [2, 6]}"))

    found = inspected(space, side=8)

    assert (found["feasible"], sum(found["impossible"].values())) == (2, 2)


def test_nothing_that_can_be_built_is_told_too(load: Load) -> None:
    found = inspected(load(WIDTHS.replace("count: 2", "count: 6")), side=8)

    assert (found["feasible"], found["distributions"]) == (0, {})
    assert sum(found["impossible"].values()) == 2
    assert found["first_guess"]["impossible"] in found["impossible"]


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
        "architecture.stages.width_growth": "made no difference in 16 tries",
        "architecture.stages.pooling": "was active in none of 16 candidates",
    }


def test_a_setting_that_never_matters_is_tried_200_times(load: Load) -> None:
    space = load(MANY.replace("count: 2", "count: 1, width_growth: {values: [1.5, 2]}"))

    idle = inspected(space, draws=300)["idle_settings"]

    assert idle == {"architecture.stages.width_growth": "made no difference in 200 tries"}


@pytest.mark.parametrize("seed", range(2, 6))
def test_a_setting_that_seldom_matters_is_not_said_to_be_idle(load: Load, seed: int) -> None:
    # of the strides, the last one matters where all others are 1: in one of 32 draws
    rows = "\n".join(6 * ["    - {width: 8, stride: {values: [1, 2]}}"])
    space = load(
        f"architecture:\n  smallest_map: 14\n  stages:\n{rows}\nsearch: {{seed: {seed}}}\n"
    )

    assert inspected(space, draws=400)["idle_settings"] == {}


@pytest.mark.parametrize(("stages", "draws"), [("{min: 6, max: 7}", 60), ("1", 10)])
def test_nothing_is_said_of_settings_where_nothing_or_little_can_be_built(
    load: Load, stages: str, draws: int
) -> None:
    growth = "width_growth: {values: [1.5, 2]}"  # of six stages, none fits a side of 8 pixels
    space = load(MANY.replace("count: 2", f"count: {stages}, {growth}"))

    assert inspected(space, side=8, draws=draws)["idle_settings"] == {}


def test_a_range_without_a_next_value_is_not_tried(load: Load) -> None:
    narrow = "training: {learning_rate: {min: 0.001, max: 0.0010000000000001}}"

    assert inspected(load(WIDTHS + narrow))["idle_settings"] == {}


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

    assert found["narrow_stages"] == {"stage1": 2, "stage2": 2}  # maps of 8, 4 and 2 pixels


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
        "smaller_and_joined": 0,
        "larger_than_twice_the_image": 2,
    }
    assert same["receptive_field"]["smaller_than_image"] == 0
    assert large["receptive_field"]["smaller_than_image"] == 2


def test_dense_layers_join_what_no_convolution_sees_together(load: Load) -> None:
    found = inspected(load(WIDTHS + "  head: {pooling: {values: [flatten, average]}}\n"))

    field = found["receptive_field"]
    assert (field["smaller_than_image"], field["smaller_and_joined"]) == (4, 2)


def test_a_space_with_more_candidates_than_draws_is_drawn_from(load: Load) -> None:
    found = inspected(load(WIDTHS), draws=1)

    assert (found["draws"], found["exhaustive"]) == (1, False)


def test_an_endless_range_of_the_training_leaves_as_many_networks(load: Load) -> None:
    rate = "training: {learning_rate: {min: 1e-4, max: 1e-1, log: true}}"
    scaled = "  scaling: {phi: 1, depth: 1, width: {min: 1.0, max: 1.2}, resolution: 1}\n"

    assert inspected(load(WIDTHS + rate))["draws"] == 2
    assert inspected(load(WIDTHS + scaled))["draws"] == 60


def test_the_first_guess_is_told_with_the_limits_it_breaks(load: Load) -> None:
    free, limited = load(WIDTHS), load(WIDTHS + "constraints: {parameters: 500}")

    guess, broken = (inspected(space)["first_guess"] for space in (free, limited))

    assert guess["settings"] == {"architecture.stages.width": 8}
    assert (guess["impossible"], guess["misses"]) == (None, [])
    assert broken["misses"] == [f"parameters {guess['amounts']['parameters']:,} > 500"]


def test_memory_is_told(load: Load) -> None:
    small, large = (
        inspected(load(WIDTHS + f"training: {{batch_size: {size}}}"))["distributions"]
        for size in (1, 1000)
    )

    assert small["download_size"]["min"] == 4 * small["parameters"]["min"]
    assert small["activation_memory"] == large["activation_memory"]
    assert 500 * small["training_memory"]["min"] < large["training_memory"]["min"]


def test_the_smallest_last_map_is_told(load: Load) -> None:
    found = inspected(load(WIDTHS.replace("count: 2", "count: {values: [1, 3]}")))

    assert found["smallest_last_map"] == 7  # of 28 pixels, halved twice


def test_an_attention_of_a_single_channel_is_told(load: Load) -> None:
    row = "{block: conv, width: {values: [8, 16]}, squeeze_ratio: 0.125}"
    space = load(f"architecture: {{stages: [{row}]}}")

    assert inspected(space)["thin_attention"] == {"stage0": 1}


def test_a_pooling_that_is_left_out_for_small_maps_says_so(load: Load) -> None:
    space = load(
        """
architecture:
  smallest_map: 20
  stages: [{width: 8, pooling: {values: [max, average]}}, {width: 8}]
"""
    )

    idle = inspected(space)["idle_settings"]

    seen = "made no difference in 2 tries: `smallest_map` leaves it out"
    assert idle == {"architecture.stages.0.pooling": seen}


def test_the_same_space_gives_the_same_answer(load: Load) -> None:
    space = load(WIDTHS)

    assert inspected(space) == inspected(space)


def test_one_draw_at_least_is_looked_at_when_there_is_no_time(load: Load) -> None:
    found = inspected(load(WIDTHS), time_limit_s=0.0)

    assert (found["draws"], found["stopped_by_time"], found["exhaustive"]) == (1, True, False)


def test_what_was_not_stopped_by_time_says_so(load: Load) -> None:
    found = inspected(load(WIDTHS))

    assert (found["draws"], found["stopped_by_time"]) == (2, False)


def test_settings_are_not_judged_when_there_is_no_time(load: Load) -> None:
    space = load(WIDTHS.replace("count: 2", "count: 1, width_growth: {values: [1.5, 2]}"))
    candidates = [draw(space, first_guess)] * 300

    idle = idle_settings(space, candidates, (28, 28, 1), 10, time_limit_s=-1)

    assert idle == IdleSettings({}, stopped_by_time=True)


def test_limits_that_would_round_to_the_same_number_are_told_apart(load: Load) -> None:
    # the wide one of the two networks has 2,746 weights
    found = inspected(load(WIDTHS + 'constraints: {parameters: ["<= 2746", "<= 2745"]}'))

    kept, broken = found["limits"]
    assert (kept["limit"], kept["removes"]) == ("parameters <= 2,746", 0)
    assert (broken["limit"], broken["removes"]) == ("parameters <= 2,745", 1)
    assert broken["removes_alone"] == broken["removes"] > 0


def test_networks_that_differ_in_what_the_training_enables_are_told_apart(load: Load) -> None:
    kernel = '{values: [5], when: "training.learning_rate > 0.01"}'  # fixed: no draw names it
    space = load(
        f"architecture: {{stages: {{count: 1, width: 8, kernel_size: {kernel}}}}}\n"
        "training: {learning_rate: {values: [0.001, 0.1]}}\n"
    )

    assert len(inspected(space)["distributions"]["parameters"]["histogram"]) == 2


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_a_limit_on_training_sees_how_each_candidate_is_trained(load: Load, optimizer: str) -> None:
    training = f"training: {{optimizer: {optimizer}, batch_size: {{values: [1, 1000]}}}}\n"
    found = inspected(load(WIDTHS + training + 'constraints: {training_memory: "<= 2MB"}'))

    assert 0 < found["feasible"] < 4
