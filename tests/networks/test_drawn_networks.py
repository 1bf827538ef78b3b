"""Keras builds what is drawn, whatever it is, with the shapes and counts that were said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, get_args

import keras
import numpy as np
import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cnnsearch.architecture import Architecture, InfeasibleError, describe, misses
from cnnsearch.architecture.blocks import BLOCKS
from cnnsearch.architecture.layers import LAYER_TYPES
from cnnsearch.networks import build
from cnnsearch.space import (
    ArchitectureSettings,
    SearchSpace,
    draw,
    first_guess,
    load_space,
    random_chooser,
    shipped_spaces,
)

IMAGES, CLASSES = [(28, 28, 1), (33, 29, 3)], 7
REFERENCES = [name for name in shipped_spaces() if name.startswith("reference/")]
# So many draws of each take 5 to 10 seconds on two processor cores.
DRAWS = {"default": 10, "lenet": 20, "alexnet": 5, "vgg": 6, "resnet": 6, "efficientnet": 3}
DRAWS_OF_EVERYTHING, ALL_DRAWS = 12, 300
SMALL = ("lenet-5", "alexnet", "vgg-11", "resnet-18", "efficientnet-b0")


def one_of(name: str) -> dict[str, Any]:
    return {"values": list(get_args(ArchitectureSettings.model_fields[name].annotation))}


def values(*choices: Any) -> dict[str, Any]:
    return {"values": list(choices)}


def for_each(level: str, *choices: Any) -> dict[str, Any]:
    return {"values": list(choices), "per": level}


POOLING = {
    "pooling_size": values(2, 3),
    "pooling_stride": values(1, 2),
    "pooling_padding": values("same", "valid", 1),
}
STAGE = {
    "block": for_each("block", *BLOCKS),
    "depth": {"min": 1, "max": 2},
    "width": for_each("stage", 1, 4, 8),
    "stride": for_each("stage", 1, 2),
    "kernel_size": for_each("block", 1, 2, 3, 5),
    "dilation": for_each("block", 1, 2),
    "groups": for_each("block", 1, 2),
    "padding": for_each("block", "same", "valid", 2),
    "expansion": for_each("block", None, 0.25, 1.0, 2.5),
    "stride_in": for_each("block", "first", "middle"),
    "layers": for_each("block", 1, 3),
    "growth": for_each("block", 2, 5),
    "heads": for_each("block", 1, 2),
    "attention": for_each("block", "squeeze", "cbam"),
    "squeeze_ratio": for_each("block", 0, 0.25, 1),
    "spatial_dropout": for_each("block", 0, 0.2),
    "dropout": for_each("block", 0, 0.2),
    "pooling": for_each("stage", "max", "average", "blur", "none"),
    **POOLING,
}
BEFORE_ANOTHER = {"pooling": for_each("stage", "max", "average", "blur", "stride", "none")}
EVERYTHING = {
    "name": "everything",
    "architecture": {
        "input": {"resolution": values(None, 24, 35)},
        "activation": one_of("activation"),
        "normalization": one_of("normalization"),
        "bias": one_of("bias"),
        "stochastic_depth": values(0, 0.2),
        "smallest_map": values(None, 4),
        "scaling": {"phi": values(0, 0.5, 1), "depth": 1.2, "width": 1.1, "resolution": 1.15},
        "stem": {
            "width": values(4, 6),
            "kernel_size": values(1, 3, 7),
            "stride": values(1, 2),
            "padding": values("same", "valid", 3),
            "pooling": values("none", "max", "average"),
            **POOLING,
        },
        "stages": [STAGE | BEFORE_ANOTHER, STAGE],
        "head": {
            "width": values(None, 8),
            "pooling": values("average", "max", "flatten"),
            "units": values([], [6], [6, 4]),
            "dropout": values(0, 0.2),
        },
    },
}


def drawn(space: SearchSpace, rng: Random) -> Architecture:
    """Return the first network drawn that is possible and within the space's limits."""
    while True:
        candidate = draw(space, random_chooser(rng))
        try:
            network = describe(candidate.architecture, rng.choice(IMAGES), CLASSES)
        except InfeasibleError:
            continue
        if not misses(network, space.constraints):
            return network


def published(name: str, *overrides: str) -> Architecture:
    return describe(draw(load_space(name, overrides), first_guess).architecture, IMAGES[0], CLASSES)


def hold_for_draws(space: SearchSpace, draws: int, promise: Callable[[Architecture], None]) -> None:
    """Keep a promise for what so many seeds draw; a seed is not made smaller, being no size."""

    @settings(max_examples=draws, phases=set(Phase) - {Phase.shrink})
    @given(seed=st.integers(0, 2**32 - 1))
    def holds(seed: int) -> None:
        promise(drawn(space, Random(seed)))

    holds()


@pytest.fixture
def builds_as_said(tmp_path: Path) -> Iterator[Callable[[Architecture], None]]:
    """Return the promise: shapes and counts as said, and the same again from a file."""
    file = tmp_path / "model.keras"

    def check(network: Architecture) -> None:
        channels = network.input_shape[2]
        model = build(network, scale=[1 / 64] * channels, offset=[-2.0] * channels, seed=1)
        assert_is_as_said(model, network)
        model.save(file)
        assert_same(keras.saving.load_model(file), model)

    yield check
    file.unlink(missing_ok=True)  # up to half a gigabyte


def assert_is_as_said(model: keras.Model, network: Architecture) -> None:
    trainable = sum(weight.shape.num_elements() for weight in model.trainable_weights)
    assert model.count_params() == network.parameters
    assert trainable == network.trainable_parameters
    assert [model.get_layer(row.name).output.shape[1:] for row in network.rows] == [
        row.output_shape for row in network.rows
    ]
    assert model.output_shape == (None, CLASSES)


def assert_same(reloaded: keras.Model, model: keras.Model) -> None:
    shape = (2, *model.input_shape[1:])
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    for one, other in zip(reloaded.weights, model.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    expected = np.asarray(model(pixels))
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(reloaded(pixels), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "draws"), DRAWS.items())
def test_a_drawn_candidate_of_a_shipped_space_builds_as_said(
    name: str, draws: int, builds_as_said: Callable[[Architecture], None]
) -> None:
    hold_for_draws(load_space(name), draws, builds_as_said)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", DRAWS)
def test_three_hundred_drawn_candidates_of_a_shipped_space_build_as_said(
    name: str, builds_as_said: Callable[[Architecture], None]
) -> None:
    hold_for_draws(load_space(name), ALL_DRAWS, builds_as_said)


def test_every_shipped_space_is_drawn_from_or_has_one_architecture() -> None:
    fixed = [
        name
        for name in REFERENCES
        if not any(leaf.path.startswith("architecture.") for leaf in load_space(name).free)
    ]

    assert {*DRAWS, *fixed} == set(shipped_spaces())


@pytest.mark.slow
@pytest.mark.parametrize("name", [f"reference/{name}" for name in SMALL])
def test_a_reference_network_builds_as_said_for_small_images(
    name: str, builds_as_said: Callable[[Architecture], None]
) -> None:
    builds_as_said(published(name, "architecture.input.resolution=64"))


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_network_builds_as_said_at_its_own_resolution(
    name: str, builds_as_said: Callable[[Architecture], None]
) -> None:
    builds_as_said(published(name))


@pytest.mark.slow
@pytest.mark.parametrize(
    "draws", [DRAWS_OF_EVERYTHING, pytest.param(ALL_DRAWS, marks=pytest.mark.exhaustive)]
)
def test_every_block_with_every_option_builds_as_said(
    draws: int, tmp_path: Path, builds_as_said: Callable[[Architecture], None]
) -> None:
    file = tmp_path / "everything.yaml"
    file.write_text(yaml.safe_dump(EVERYTHING), encoding="utf-8")
    seen: set[type] = set()

    def promise(network: Architecture) -> None:
        seen.update(type(row.layer) for row in network.rows)
        builds_as_said(network)

    hold_for_draws(load_space(file), draws, promise)

    assert seen == set(LAYER_TYPES.values())
