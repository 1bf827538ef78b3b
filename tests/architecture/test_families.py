"""One searchable space a family: a first guess for any images, and the published network."""

from __future__ import annotations

import random

import pytest

from cnnsearch.architecture import InfeasibleError, describe, misses
from cnnsearch.space import (
    Value,
    draw,
    first_guess,
    load_space,
    random_chooser,
    replay,
    shipped_spaces,
)

FAMILIES = [name for name in shipped_spaces() if not name.startswith("reference/")]
IMAGES = [(28, 28, 1), (32, 32, 3), (96, 96, 3), (224, 224, 3)]
SCALED_BY_ONE = {"architecture.scaling.width": 1, "architecture.scaling.depth": 1}

each_family = pytest.mark.parametrize("name", FAMILIES)
each_image = pytest.mark.parametrize("image", IMAGES, ids=str)


@each_family
@each_image
def test_the_first_guess_fits_images_of_any_size(name: str, image: tuple[int, int, int]) -> None:
    space = load_space(name)
    network = describe(draw(space, first_guess).architecture, image, 10)

    assert misses(network, space.constraints) == []
    assert network.macs < 1e9  # an image in a second, on any machine


@each_family
@each_image
def test_most_draws_fit_images_of_any_size(name: str, image: tuple[int, int, int]) -> None:
    space, rng = load_space(name), random.Random(1)
    fitting = []

    for _ in range(60):
        candidate = draw(space, random_chooser(rng))
        try:
            network = describe(candidate.architecture, image, 10)
        except InfeasibleError:
            continue
        if not misses(network, space.constraints):
            fitting.append(network)

    assert len(fitting) > 45
    assert max(network.macs for network in fitting) < 20e9  # VGG-19 for 224x224 colour images


@pytest.mark.parametrize(
    ("name", "settings", "trainable_parameters"),
    [
        (
            "alexnet",
            {**SCALED_BY_ONE, "architecture.head.units": [4096, 4096]},
            61_100_840,
        ),
        (
            "vgg",
            {
                **SCALED_BY_ONE,
                "architecture.head.units": [4096, 4096],
                "architecture.normalization": "none",
            },
            132_863_336,
        ),
        (
            "resnet",
            {
                "architecture.stem.width": 64,
                "architecture.stem.kernel_size": 7,
                "architecture.stages.count": 4,
                "architecture.stages.width": 64,
                **{f"architecture.stages.{n}.depth": 2 for n in range(4)},
            },
            11_689_512,
        ),
        ("efficientnet", SCALED_BY_ONE, 5_288_548),
    ],
)
def test_the_published_network_is_a_candidate_of_its_family(
    name: str, settings: dict[str, Value], trainable_parameters: int
) -> None:
    candidate = draw(load_space(name), replay(settings, first_guess))
    network = describe(candidate.architecture, (224, 224, 3), 1000)

    assert network.trainable_parameters == trainable_parameters


def test_the_first_guess_of_lenet_is_lenet_5() -> None:
    candidate = draw(load_space("lenet"), first_guess)

    assert describe(candidate.architecture, (28, 28, 1), 10).trainable_parameters == 61_706


def test_the_first_guess_of_resnet_is_resnet_20_on_the_images_it_was_made_for() -> None:
    network = describe(draw(load_space("resnet"), first_guess).architecture, (32, 32, 3), 10)

    assert network.depth == 20
    assert f"{network.trainable_parameters / 1e6:.2g}" == "0.27"  # table 6 of the paper
