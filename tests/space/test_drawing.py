"""Candidates: drawn in order, complete, and drawn again from their settings."""

from __future__ import annotations

import json
import pickle
import random
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.space.conftest import Load

from cnnsearch.space import (
    SearchSpace,
    Setting,
    draw,
    first_guess,
    load_space,
    random_chooser,
    replay,
    shipped_spaces,
)
from cnnsearch.space.drawing import grown_width

seeds = st.integers(0, 2**32)
each_space = pytest.mark.parametrize("name", shipped_spaces())


@cache
def shipped(name: str) -> SearchSpace:
    return load_space(name)


@each_space
@given(seed=seeds)
def test_a_candidate_is_drawn_again_from_its_settings(name: str, seed: int) -> None:
    candidate = draw(shipped(name), random_chooser(random.Random(seed)))

    settings = json.loads(json.dumps(candidate.settings))

    assert draw(shipped(name), replay(settings)) == candidate


@each_space
@given(seed=seeds)
def test_every_setting_can_be_changed_and_the_rest_drawn_again(name: str, seed: int) -> None:
    rng = random.Random(seed)
    parent = draw(shipped(name), random_chooser(rng))
    path = rng.choice(list(parent.choices))
    value = rng.choice(parent.choices[path].domain.neighbours(parent.settings[path], rng))

    changed = replay({**parent.settings, path: value}, otherwise=random_chooser(rng))

    assert draw(shipped(name), changed).settings[path] == value


@each_space
def test_the_first_guess_takes_every_prior(name: str) -> None:
    candidate = draw(shipped(name), first_guess)

    for path, setting in candidate.choices.items():
        if setting.prior is not None:
            assert candidate.settings[path] == setting.prior


@each_space
def test_the_same_seed_draws_the_same(name: str) -> None:
    twice = [draw(shipped(name), random_chooser(random.Random(7))) for _ in range(2)]

    assert twice[0] == twice[1]


def test_settings_and_choices_name_the_same_places(load: Load) -> None:
    candidate = draw(shipped("default"), first_guess)

    assert list(candidate.settings) == list(candidate.choices)
    assert all(setting.path == path for path, setting in candidate.choices.items())


def test_a_candidate_survives_pickling() -> None:
    candidate = draw(shipped("default"), first_guess)

    assert pickle.loads(pickle.dumps(candidate)) == candidate  # noqa: S301  # our own bytes


def test_the_window_of_the_stems_pooling_is_drawn_only_where_the_stem_pools(load: Load) -> None:
    space = load(
        """\
        architecture:
          stem: {width: 8, pooling: {values: [none, max]}, pooling_size: {values: [2, 3]}}
          stages: {count: 1, width: 8}
        """
    )
    pooling, size = "architecture.stem.pooling", "architecture.stem.pooling_size"

    assert draw(space, replay({pooling: "none"})).settings == {pooling: "none"}
    assert draw(space, replay({pooling: "max", size: 2})).settings == {pooling: "max", size: 2}


def test_settings_are_drawn_where_per_says(load: Load) -> None:
    space = load(
        """\
        architecture:
          stages:
            count: 2
            depth: 2
            width: {values: [8, 16]}
            pooling: {values: [max, average], per: stage}
            block: {values: [conv, residual], per: stage}
            kernel_size: {values: [3, 5], per: block}
        """
    )

    assert sorted(draw(space, first_guess).settings) == [
        "architecture.stages.0.block",
        "architecture.stages.0.blocks.0.kernel_size",
        "architecture.stages.0.blocks.1.kernel_size",
        "architecture.stages.0.pooling",
        "architecture.stages.1.block",
        "architecture.stages.1.blocks.0.kernel_size",
        "architecture.stages.1.blocks.1.kernel_size",
        "architecture.stages.width",
    ]


def test_the_short_form_becomes_stages_and_blocks(load: Load) -> None:
    space = load(
        """\
        architecture:
          stages: {count: 3, depth: 2, width: 24, width_growth: 1.5, pooling: average, dropout: 0.1}
        """
    )

    stages = draw(space, first_guess).architecture.stages

    assert [[block.width for block in stage.blocks] for stage in stages] == [
        [24, 24],
        [40, 40],
        [56, 56],
    ]
    assert [stage.pooling for stage in stages] == ["average", "average", "none"]
    assert {block.dropout for stage in stages for block in stage.blocks} == {0.1}


def test_a_setting_that_only_some_blocks_have_is_drawn_for_those(load: Load) -> None:
    space = load(
        """\
        architecture:
          stages:
            count: 2
            width: 8
            block: {values: [conv, mbconv], per: stage}
            expansion: {values: [4, 6], per: stage}
        """
    )

    blocks = {"architecture.stages.0.block": "conv", "architecture.stages.1.block": "mbconv"}
    candidate = draw(space, replay(blocks, first_guess))

    assert set(candidate.settings) == {*blocks, "architecture.stages.1.expansion"}
    first, second = (stage.blocks[0] for stage in candidate.architecture.stages)
    assert (first.expansion, second.expansion) == (None, 4)


def test_the_kind_of_attention_is_drawn_where_there_is_some(load: Load) -> None:
    space = load(
        """\
        architecture:
          stages:
            count: 1
            width: 8
            squeeze_ratio: {min: 0, max: 1, step: 0.5}
            attention: {values: [squeeze, cbam]}
        """
    )

    ratio, kind = "architecture.stages.squeeze_ratio", "architecture.stages.attention"
    assert set(draw(space, replay({ratio: 0}, first_guess)).settings) == {ratio}
    assert set(draw(space, replay({ratio: 0.5}, first_guess)).settings) == {ratio, kind}


def test_what_an_override_takes_the_meaning_of_is_not_drawn() -> None:
    space = load_space("resnet", ["architecture.stages.block=residual"])

    paths = {leaf.path for leaf in space.free}
    assert "architecture.stages.expansion" not in paths
    assert "architecture.stages.squeeze_ratio" in paths


def test_scaling_deepens_widens_and_sharpens_together(load: Load) -> None:
    space = load(
        """\
        architecture:
          scaling: {phi: {values: [0, 2]}, depth: 1.2, width: 1.1, resolution: 1.15}
          input: {resolution: 100}
          stem: {width: 30}
          stages: [{width: 60, depth: 3}]
          head: {width: 200, units: [50]}
        """
    )

    same, scaled = (
        draw(space, replay({"architecture.scaling.phi": phi})).architecture for phi in (0, 2)
    )

    assert (len(same.stages[0].blocks), same.stages[0].blocks[0].width) == (3, 60)
    assert same.resolution_factor == 1
    assert len(scaled.stages[0].blocks) == 5  # 3 * 1.44 = 4.32, up
    assert scaled.stem is not None
    assert scaled.stem.width == 40  # 36.3, the nearest multiple of 8 takes away no tenth
    assert scaled.stages[0].blocks[0].width == 72  # 72.6
    assert (scaled.head.width, scaled.head.units) == (240, (50,))  # 242; dense layers stay
    assert scaled.resolution_factor == pytest.approx(1.3225)


def test_each_block_of_a_scaled_stage_is_drawn(load: Load) -> None:
    space = load(
        """\
        architecture:
          scaling: {depth: 2}
          stages: [{width: 8, kernel_size: {values: [3, 5], per: block}}]
        """
    )

    assert list(draw(space, first_guess).settings) == [
        "architecture.stages.0.blocks.0.kernel_size",
        "architecture.stages.0.blocks.1.kernel_size",
    ]


def test_the_long_form_becomes_its_rows(load: Load) -> None:
    space = load(
        """\
        architecture:
          stages:
            - {width: 10, pooling: stride}
            - {block: residual, width: 20, depth: 2, stride: 2, kernel_size: {values: [5, 7]}}
            - {width: 30, pooling: max, dropout: {values: [0.1, 0.2], per: block}}
        """
    )

    candidate = draw(space, first_guess)

    stages = candidate.architecture.stages
    assert [stage.pooling for stage in stages] == ["stride", "none", "max"]
    assert [block.stride for block in stages[1].blocks] == [2, 1]
    assert [block.kernel_size for block in stages[1].blocks] == [5, 5]
    assert [stage.blocks[0].width for stage in stages] == [10, 20, 30]
    assert list(candidate.settings) == [
        "architecture.stages.1.kernel_size",
        "architecture.stages.2.blocks.0.dropout",
    ]


def test_a_null_among_the_values_can_be_the_first_guess(load: Load) -> None:
    space = load(
        """\
        architecture:
          input: {resolution: {values: [16, null], prior: null}}
          stages: {count: 1, width: 8}
        """
    )

    assert draw(space, first_guess).architecture.input.resolution is None


def test_replay_takes_no_value_from_outside_of_the_domain() -> None:
    settings = {"training.batch_size": 7}

    with pytest.raises(LookupError, match=r"training\.batch_size"):
        replay(settings)(Setting("training.batch_size", load_space("default").free[0].domain))  # type: ignore[arg-type]  # free settings have one


def test_replay_asks_otherwise_where_nothing_fits() -> None:
    candidate = draw(shipped("default"), replay({"training.batch_size": 7}, first_guess))

    assert candidate == draw(shipped("default"), first_guess)


def test_a_chooser_cannot_leave_the_domain() -> None:
    with pytest.raises(ValueError, match="cannot be 'anything'"):
        draw(shipped("default"), lambda setting: "anything")


@given(st.integers(1, 512), st.floats(0.25, 4), st.integers(1, 6))
def test_grown_widths_are_multiples_of_8_and_never_much_narrower(
    width: int, growth: float, stage: int
) -> None:
    grown = grown_width(width, growth, stage)

    assert grown >= 0.9 * width * growth**stage
    assert grown % 8 == 0 or growth == 1


def test_the_first_stage_is_exactly_as_wide_as_said() -> None:
    assert grown_width(10, 2, 0) == 10


def test_a_stage_that_does_not_grow_is_exactly_as_wide() -> None:
    assert grown_width(10, 1, 3) == 10
