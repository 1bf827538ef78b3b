"""The first guess of every shipped space becomes a model that trains."""

from __future__ import annotations

import numpy as np
import pytest

from cnnsearch.architecture import describe
from cnnsearch.networks import build
from cnnsearch.space import draw, first_guess, load_space, shipped_spaces

IMAGE, CLASSES = (28, 28, 1), 10
LARGE = {
    *(f"reference/efficientnet-b{number}" for number in range(1, 8)),
    *(f"reference/resnet-{layers}" for layers in (50, 101, 152)),
    *(f"reference/vgg-{layers}" for layers in (13, 16, 19)),
    "reference/densenet-121",
}


def _large(name: str) -> object:
    """Keep the deep published networks out of the CI: eagerly, each takes up to a minute."""
    return pytest.param(name, marks=pytest.mark.exhaustive) if name in LARGE else name


@pytest.mark.slow
@pytest.mark.parametrize("name", [_large(name) for name in shipped_spaces()])
def test_the_first_guess_of_a_shipped_space_trains_a_step(name: str) -> None:
    small = ["architecture.input.resolution=64"] if name.startswith("reference/") else []
    network = describe(draw(load_space(name, small), first_guess).architecture, IMAGE, CLASSES)
    built = build(network, scale=[1 / 64], offset=[-2.0], seed=1)
    built.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
    rng = np.random.default_rng(1)
    images, labels = rng.integers(0, 256, (2, *IMAGE), dtype=np.uint8), np.array([0, 1])
    before = np.array(built.trainable_weights[-1])

    loss = built.train_on_batch(images, labels)

    assert built.count_params() == network.parameters
    assert np.isfinite(loss)
    assert not np.array_equal(before, built.trainable_weights[-1])
