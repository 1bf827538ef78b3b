"""Every candidate of every shipped space becomes a model that trains, and counts what it said."""

from __future__ import annotations

import random
from collections.abc import Iterator

import keras
import numpy as np
import pytest

from cnnsearch.architecture import Architecture, InfeasibleError, describe, violations
from cnnsearch.networks import build
from cnnsearch.space import (
    SearchSpace,
    draw,
    first_guess,
    load_space,
    random_chooser,
    shipped_spaces,
)

IMAGE, CLASSES = (28, 28, 1), 10
FAMILIES = [name for name in shipped_spaces() if not name.startswith("reference/")]
DRAWS = 10
LARGE = {
    *(f"reference/efficientnet-b{number}" for number in range(1, 8)),
    *(f"reference/resnet-{layers}" for layers in (50, 101, 152)),
    *(f"reference/vgg-{layers}" for layers in (13, 16, 19)),
    "reference/densenet-121",
}


@pytest.fixture(autouse=True)
def _forget_earlier_models() -> Iterator[None]:
    yield
    keras.backend.clear_session()


def feasible(space: SearchSpace, rng: random.Random) -> Iterator[Architecture]:
    while True:
        candidate = draw(space, random_chooser(rng))
        try:
            network = describe(candidate.architecture, IMAGE, CLASSES)
        except InfeasibleError:
            continue
        if not violations(network, space.constraints) and network.macs < 1e8:
            yield network


def model(network: Architecture) -> keras.Model:
    return build(network, scale=[1 / 64], offset=[-2.0], seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_drawn_candidates_build_and_count_what_they_said(name: str) -> None:
    networks = feasible(load_space(name), random.Random(1))

    for _ in range(DRAWS):
        network = next(networks)
        built = model(network)
        assert built.count_params() == network.parameters
        assert built.output_shape == (None, CLASSES)
        keras.backend.clear_session()


def _large(name: str) -> object:
    """Keep the deep published networks out of the CI: eagerly, each takes up to a minute."""
    return pytest.param(name, marks=pytest.mark.exhaustive) if name in LARGE else name


@pytest.mark.slow
@pytest.mark.parametrize("name", [_large(name) for name in shipped_spaces()])
def test_the_first_guess_of_a_shipped_space_trains_a_step(name: str) -> None:
    small = ["architecture.input.resolution=64"] if name.startswith("reference/") else []
    network = describe(draw(load_space(name, small), first_guess).architecture, IMAGE, CLASSES)
    built = model(network)
    built.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
    rng = np.random.default_rng(1)
    images, labels = rng.integers(0, 256, (2, *IMAGE), dtype=np.uint8), np.array([0, 1])
    before = np.array(built.trainable_weights[-1])

    loss = built.train_on_batch(images, labels)

    assert built.count_params() == network.parameters
    assert np.isfinite(loss)
    assert not np.array_equal(before, built.trainable_weights[-1])
