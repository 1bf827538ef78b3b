"""Keras builds exactly what the architecture says."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args

import keras
import numpy as np
import pytest

from cnnsearch.architecture import IMAGE, Architecture, describe
from cnnsearch.architecture.blocks import BLOCKS
from cnnsearch.architecture.graph import GraphBuilder
from cnnsearch.architecture.layers import (
    LAYER_TYPES,
    ChannelPooling,
    Convolution,
    Dropout,
    Flatten,
    Layer,
    Normalization,
    StochasticDepth,
)
from cnnsearch.networks import build
from cnnsearch.networks.layers import MAKERS
from cnnsearch.space import ArchitectureSettings

ACTIVATIONS = get_args(ArchitectureSettings.model_fields["activation"].annotation)


def network(block: str = "residual", channels: int = 3) -> Architecture:
    stage = {"blocks": [{"block": block, "width": 4, "dropout": 0.1}], "pooling": "none"}
    document = {
        "input": {"resolution": 10},
        "activation": "relu",
        "normalization": "batch",
        "stem": {"width": 4},
        "stages": [{**stage, "pooling": "max"}, stage],
        "head": {"pooling": "average", "units": [6], "dropout": 0.1},
    }
    return describe(ArchitectureSettings.model_validate(document), (12, 12, channels), 5)


def model(architecture: Architecture, seed: int = 1, **options: Any) -> keras.Model:
    channels = architecture.input_shape[2]
    return build(
        architecture, scale=[1 / 64] * channels, offset=[-2.0] * channels, seed=seed, **options
    )


def images(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def single(layer: Layer, image: tuple[int, int, int]) -> Architecture:
    graph = GraphBuilder(image)
    graph.append("layer", layer, IMAGE)
    return graph.finish(classes=0)


def test_every_primitive_layer_has_a_maker() -> None:
    assert set(MAKERS) == set(LAYER_TYPES.values())


def test_stochastic_depth_keeps_or_drops_a_whole_image() -> None:
    pixels = images(64, 4, 4, 2)

    trained = np.asarray(model(single(StochasticDepth(0.5), (4, 4, 2)))(pixels, training=True))

    dropped = ~np.any(trained, axis=(1, 2, 3))
    assert 10 < dropped.sum() < 54
    kept = (pixels / 64 - 2.0)[~dropped]
    np.testing.assert_allclose(trained[~dropped], 2 * kept, atol=1e-5)  # the mean stays


@pytest.mark.parametrize("kind", ["max", "average"])
def test_channels_are_pooled_at_each_pixel(kind: Literal["max", "average"]) -> None:
    pixels = images(3, 4, 5, 6)
    normalised = pixels / 64 - 2.0
    expected = normalised.max(axis=-1) if kind == "max" else normalised.mean(axis=-1)

    pooled = model(single(ChannelPooling(kind), (4, 5, 6))).predict(pixels, verbose=0)

    np.testing.assert_allclose(pooled[..., 0], expected, atol=1e-5)


@pytest.mark.parametrize("normalization", ["layer", "group"])
def test_a_model_of_every_option_is_the_same_after_saving_and_after_export(
    normalization: str, tmp_path: Path
) -> None:
    block = {
        "block": "residual",
        "width": 4,
        "attention": "cbam",
        "squeeze_ratio": 0.5,
        "spatial_dropout": 0.1,
    }
    document = {
        "activation": "hard_swish",
        "normalization": normalization,
        "stochastic_depth": 0.2,
        "stages": [{"blocks": [block, block], "pooling": "blur", "pooling_padding": 1}],
        "head": {"width": 6, "pooling": "max"},
    }
    architecture = describe(ArchitectureSettings.model_validate(document), (12, 12, 3), 5)
    assert_same_after_saving(model(architecture), tmp_path)


@pytest.mark.parametrize("block", sorted(BLOCKS))
def test_a_model_is_the_same_after_saving_and_after_export(block: str, tmp_path: Path) -> None:
    assert_same_after_saving(model(network(block)), tmp_path)


def assert_same_after_saving(built: keras.Model, tmp_path: Path) -> None:
    pixels = images(3, 12, 12, 3)
    expected = built.predict(pixels, verbose=0)

    built.save(tmp_path / "model.keras")
    built.export(tmp_path / "saved_model", verbose=False)

    reloaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(reloaded.predict(pixels, verbose=0), expected)
    np.testing.assert_allclose(reloaded(pixels), expected, atol=1e-5)
    served = keras.layers.TFSMLayer(tmp_path / "saved_model", call_endpoint="serve")
    np.testing.assert_allclose(served(pixels), expected, atol=1e-5)


def test_images_go_in_as_uint8_and_probabilities_come_out() -> None:
    built = model(network())

    probabilities = built.predict(images(4, 12, 12, 3), verbose=0)

    assert built.input.name == "image"
    assert built.input.dtype == "uint8"
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


def test_a_resized_model_trains_only_when_told_to() -> None:
    built = model(network())  # resizes, normalises and drops out
    pixels = images(6, 12, 12, 3)
    expected = built.predict(pixels, verbose=0)
    mean = built.get_layer("stem.norm").moving_mean

    np.testing.assert_allclose(built(pixels), expected, atol=1e-5)
    assert not np.any(mean)
    assert np.abs(np.asarray(built(pixels, training=True)) - expected).max() > 0.01
    assert np.all(mean)


def test_each_channel_is_normalised_by_its_own_scale_and_offset() -> None:
    pixels = images(5, 4, 4, 2)
    mean, deviation = pixels.mean(axis=(0, 1, 2)), pixels.std(axis=(0, 1, 2))

    built = build(
        single(Flatten(), (4, 4, 2)),
        scale=(1 / deviation).tolist(),
        offset=(-mean / deviation).tolist(),
        seed=1,
    )

    values = built.predict(pixels, verbose=0).reshape(-1, 2)
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(values.std(axis=0), 1, atol=1e-5)


def test_the_same_seed_gives_the_same_weights_and_another_gives_others() -> None:
    architecture = network()
    first, again, other = model(architecture), model(architecture), model(architecture, seed=2)

    for one, two in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    kernels = [weight.path for weight in first.weights if weight.path.endswith("kernel")]
    differing = [
        weight.path
        for weight, different in zip(first.weights, other.weights, strict=True)
        if not np.array_equal(weight, different)
    ]
    assert differing == kernels


def test_layers_of_one_shape_start_with_different_weights() -> None:
    built = model(network())

    first, second = (built.get_layer(f"stage0.block0.conv{i}").kernel for i in (1, 2))
    assert not np.array_equal(first, second)


def test_mixed_precision_computes_in_float16_and_answers_in_float32() -> None:
    policy = keras.DTypePolicy("mixed_float16")
    pixels = images(3, 12, 12, 3)

    mixed = model(network(), dtype_policy=policy)

    assert mixed.input.dtype == "uint8"
    assert mixed.get_layer("stem.conv").compute_dtype == "float16"
    probabilities = mixed.predict(pixels, verbose=0)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(
        probabilities, model(network()).predict(pixels, verbose=0), atol=0.02
    )


def test_normalization_forgets_its_starting_values_within_a_short_training() -> None:
    built = model(single(Normalization(), (4, 4, 2)))
    pixels = images(8, 4, 4, 2)
    mean = pixels.mean(axis=(0, 1, 2)) / 64 - 2.0

    for _ in range(50):
        built(pixels, training=True)

    np.testing.assert_allclose(built.get_layer("layer").moving_mean, mean, rtol=0.01)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_initial_weights_keep_the_variance_their_activation_needs(activation: str) -> None:
    document = {
        "input": {"resolution": None},
        "activation": activation,
        "normalization": "batch",
        "stem": {"width": 64, "kernel_size": 3},
        "stages": [{"blocks": [{"block": "conv", "width": 64}], "pooling": "none"}],
        "head": {"pooling": "average", "units": [], "dropout": 0.0},
    }
    architecture = describe(ArchitectureSettings.model_validate(document), (8, 8, 1), 10)

    kernel = np.asarray(model(architecture).get_layer("stage0.block0.conv").kernel)

    fan = 3 * 3 * 64  # in and out alike: He 2 / fan_in, Glorot 2 / (fan_in + fan_out)
    saturates = activation in {"tanh", "sigmoid"}
    assert kernel.var() == pytest.approx(1 / fan if saturates else 2 / fan, rel=0.05)


@pytest.mark.parametrize(
    "layer",
    [
        Convolution(8, 3, groups=4),  # depthwise, two filters a channel
        Convolution(4, 3, stride=2, groups=4, bias=False),
        Convolution(6, 3, groups=2, padding="valid"),
        Convolution(6, 3, dilation=2),
    ],
)
def test_grouped_and_dilated_convolutions_count_alike_in_keras(layer: Convolution) -> None:
    architecture = single(layer, (9, 9, 4))

    built = model(architecture)

    assert built.count_params() == architecture.parameters
    assert built.output_shape[1:] == architecture.rows[-1].output_shape


def test_dropout_is_drawn_from_the_seed_and_silent_in_prediction() -> None:
    architecture = single(Dropout(0.5), (8, 8, 1))
    pixels = images(2, 8, 8, 1)

    training = [np.asarray(model(architecture, seed)(pixels, training=True)) for seed in (1, 1, 2)]

    np.testing.assert_array_equal(training[0], training[1])
    assert not np.array_equal(training[0], training[2])
    predicted = model(architecture).predict(pixels, verbose=0)
    np.testing.assert_allclose(predicted, pixels / 64 - 2.0, atol=1e-6)
