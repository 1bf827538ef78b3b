"""Our networks compute what those of keras.applications compute, weight for weight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import pytest

from cnnsearch.architecture import Architecture, describe
from cnnsearch.networks import build
from cnnsearch.networks.layers import NORMALIZATION_EPSILON
from cnnsearch.space import draw, first_guess, load_space

WEIGHTED = (
    keras.layers.Conv2D,
    keras.layers.DepthwiseConv2D,
    keras.layers.Dense,
    keras.layers.BatchNormalization,
)
SIDE, CLASSES = 64, 10
Layers = list[keras.layers.Layer]


@dataclass(frozen=True)
class Case:
    """A reference network, and how that of Keras is put together."""

    name: str
    keras_name: str
    is_scaled: bool = False  # its `scaling` changes the images' side too
    rescales: bool = False  # Keras' model divides pixels by 255 itself
    shortcuts_first: bool = False  # Keras' blocks begin with their shortcut

    @property
    def normalization(self) -> tuple[float, float]:
        """Return the scale and offset of pixels."""
        return (1 / 255, 0.0) if self.rescales else (1 / 64, -2.0)


def resnet(layers: int) -> Case:
    return Case(f"resnet-{layers}", f"ResNet{layers}", shortcuts_first=True)


def efficientnet(phi: int) -> Case:
    return Case(f"efficientnet-b{phi}", f"EfficientNetB{phi}", is_scaled=phi > 0, rescales=True)


QUICK = [resnet(50), efficientnet(0)]
SLOW = [
    Case("vgg-16", "VGG16"),
    Case("vgg-19", "VGG19"),
    Case("densenet-121", "DenseNet121"),
    *[resnet(layers) for layers in (101, 152)],
    *[efficientnet(phi) for phi in range(1, 8)],
]
CASES = [*QUICK, *[pytest.param(case, marks=pytest.mark.exhaustive) for case in SLOW]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_reference_network_computes_what_that_of_keras_does(
    case: Case, overrides_for_keras: Callable[[str], list[str]]
) -> None:
    theirs = keras_model(case)
    architecture = reference(case, overrides_for_keras(f"reference/{case.name}"))
    scale, offset = case.normalization
    ours = build(architecture, scale=[scale] * 3, offset=[offset] * 3, seed=1)
    sources = [layer for layer in theirs.layers if isinstance(layer, WEIGHTED)]
    transplant(shortcuts_last(sources) if case.shortcuts_first else sources, ours, architecture)
    pixels = np.random.default_rng(1).integers(0, 256, (4, SIDE, SIDE, 3), dtype=np.uint8)
    images = pixels.astype("float32")

    logits = keras.Model(ours.input, ours.get_layer("head.classes").output)(pixels)
    expected = theirs(images if case.rescales else images * scale + offset)

    size = np.abs(expected).max()
    assert size > 0.01
    np.testing.assert_allclose(np.asarray(logits) / size, np.asarray(expected) / size, atol=1e-4)


def reference(case: Case, overrides: list[str]) -> Architecture:
    own_size = ["architecture.input.resolution=null"]
    if case.is_scaled:
        own_size.append("architecture.scaling.resolution=1")
    space = load_space(f"reference/{case.name}", [*overrides, *own_size])
    candidate = draw(space, first_guess)
    return describe(candidate.architecture, (SIDE, SIDE, 3), CLASSES)


def keras_model(case: Case) -> keras.Model:
    """Return Keras' network, where every weight, biases and statistics too, would be missed."""
    make: Callable[..., keras.Model] = getattr(keras.applications, case.keras_name)
    model = make(
        weights=None, input_shape=(SIDE, SIDE, 3), classes=CLASSES, classifier_activation=None
    )
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, WEIGHTED):
            layer.set_weights([random_weight(weight, rng) for weight in layer.weights])
    return model


def random_weight(weight: keras.Variable, rng: np.random.Generator) -> np.ndarray:
    if weight.name in ("gamma", "moving_variance"):
        return np.asarray(rng.uniform(0.5, 1.5, weight.shape))
    if weight.name in ("beta", "bias", "moving_mean"):
        return np.asarray(rng.normal(0, 0.1, weight.shape))
    return np.asarray(weight)  # as Keras draws it


def transplant(sources: Layers, ours: keras.Model, architecture: Architecture) -> None:
    """Give our layers the weights of theirs, in the order in which the image meets them."""
    rows = [ours.get_layer(row.name) for row in architecture.rows]
    targets = [layer for layer in rows if isinstance(layer, WEIGHTED)]
    for source, target in zip(sources, targets, strict=True):
        weights = source.get_weights()
        if isinstance(source, keras.layers.BatchNormalization):
            weights[3] += source.epsilon - NORMALIZATION_EPSILON  # the same sum under the root
        target.set_weights(weights)


def shortcuts_last(layers: Layers) -> Layers:
    """Return the layers with the shortcut of a ResNet's block after its branch, as ours."""
    order = {layer.name: index for index, layer in enumerate(layers)}

    def place(layer: keras.layers.Layer) -> tuple[int, bool, str, bool]:
        block, *part = layer.name.rsplit("_", 2)
        if len(part) < 2 or "_block" not in block:
            return order[layer.name], False, "", False
        first = min(order[name] for name in order if name.startswith(f"{block}_"))
        return first, part[0] == "0", part[0], part[1] == "bn"

    return sorted(layers, key=place)
