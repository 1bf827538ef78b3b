"""What the reference spaces say of their namesakes in keras.applications is true."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import keras
import pytest

from cnnsearch.architecture import Architecture, describe
from cnnsearch.space import draw, first_guess, load_space, shipped_spaces

KERAS_NAMES = {name.lower(): name for name in dir(keras.applications) if name[0].isupper()}
NAMESAKES = {
    name: KERAS_NAMES[plain]
    for name in shipped_spaces()
    if name.startswith("reference/")
    and (plain := name.removeprefix("reference/").replace("-", "")) in KERAS_NAMES
}
QUICK = ("vgg-16", "resnet-50", "densenet-121", "efficientnet-b0")


@dataclass(frozen=True)
class Statement:
    """What a comment says: "`keras.applications.X` counts N", and M numbers that we have not."""

    keras_name: str
    weights: int
    not_ours: int


def read(comment: str) -> Statement:
    found = re.search(r"`keras\.applications\.(\w+)` counts ([\d,]+)", comment)
    assert found, comment
    more = re.search(r"(\d+) numbers of its own", comment)
    return Statement(found[1], int(found[2].replace(",", "")), int(more[1]) if more else 0)


def described(name: str, side: int, overrides: list[str]) -> Architecture:
    candidate = draw(load_space(name, overrides), first_guess)
    return describe(candidate.architecture, (side, side, 3), 1000)


def _large(name: str) -> object:
    """Keep the deep networks out of the CI: each takes seconds to build, and much memory."""
    marks = [] if name.endswith(QUICK) else [pytest.mark.exhaustive]
    return pytest.param(name, marks=marks)


def test_fourteen_reference_networks_have_a_namesake_in_keras() -> None:
    assert len(NAMESAKES) == 2 + 3 + 1 + 8  # VGG, ResNet, DenseNet, EfficientNet


@pytest.mark.parametrize("name", NAMESAKES)
def test_with_what_its_comment_sets_a_reference_network_counts_as_keras_does(
    name: str,
    comment_of: Callable[[str], str],
    overrides_for_keras: Callable[[str], list[str]],
) -> None:
    statement = read(comment_of(name))
    resolution = load_space(name).plan.constants["architecture.input.resolution"]
    assert isinstance(resolution, int)

    network = described(name, resolution, overrides_for_keras(name))

    assert statement.keras_name == NAMESAKES[name]
    assert network.parameters + statement.not_ours == statement.weights


@pytest.mark.parametrize("name", [_large(name) for name in NAMESAKES])
def test_keras_counts_what_the_comment_of_a_reference_network_says(
    name: str,
    comment_of: Callable[[str], str],
    overrides_for_keras: Callable[[str], list[str]],
) -> None:
    statement = read(comment_of(name))

    theirs = getattr(keras.applications, statement.keras_name)(weights=None)

    ours = described(name, theirs.input_shape[1], overrides_for_keras(name))
    trainable = sum(weight.shape.num_elements() for weight in theirs.trainable_weights)
    normalizing = [
        layer for layer in theirs.layers if isinstance(layer, keras.layers.Normalization)
    ]
    assert theirs.count_params() == statement.weights
    assert trainable == ours.trainable_parameters
    assert sum(layer.count_params() for layer in normalizing) == statement.not_ours
