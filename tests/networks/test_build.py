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
    Activation,
    ChannelPooling,
    Convolution,
    Dropout,
    Flatten,
    Layer,
    LowestPadding,
    Normalization,
    Pooling,
    SelfAttention,
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
        "stages": [
            {"blocks": [block, block], "pooling": "blur", "pooling_padding": 1},
            {"blocks": [block], "pooling": "max", "pooling_padding": 1},
        ],
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


CONVOLUTIONS = [
    (64, Convolution(128, 3)),
    (64, Convolution(128, 3, groups=4)),
    (512, Convolution(512, 3, groups=512)),  # depthwise
    (512, Convolution(1024, 3, groups=512)),  # and two filters a channel
]


@pytest.mark.parametrize(
    ("activation", "channels", "convolution"),
    [
        *((activation, 64, Convolution(64, 3)) for activation in ACTIVATIONS),
        *(("relu", *each) for each in CONVOLUTIONS),
        *(("tanh", *each) for each in CONVOLUTIONS),
    ],
)
def test_initial_weights_keep_the_variance_their_activation_needs(
    activation: str, channels: int, convolution: Convolution
) -> None:
    graph = GraphBuilder((4, 4, channels))
    node = graph.append("layer", convolution, IMAGE)
    graph.append("activation", Activation(activation), node)

    kernel = np.asarray(model(graph.finish(classes=0)).get_layer("layer").kernel)

    # so many values each output sees, and so many outputs see each value
    inputs = 3 * 3 * channels / convolution.groups
    outputs = 3 * 3 * convolution.filters / convolution.groups
    saturates = activation in {"tanh", "sigmoid"}
    expected = 2 / (inputs + outputs) if saturates else 2 / inputs
    assert kernel.var() == pytest.approx(expected, rel=0.05)


def test_values_keep_their_size_through_many_depthwise_convolutions() -> None:
    document = {
        "normalization": "none",
        "stem": {"width": 32},
        "stages": [{"blocks": [{"block": "separable", "width": 32}] * 8}],
    }
    built = model(describe(ArchitectureSettings.model_validate(document), (16, 16, 3), 10))
    ends = [built.get_layer(f"stage0.block{index}.activation2").output for index in (0, 7)]

    first, last = keras.Model(built.input, ends)(images(8, 16, 16, 3))

    assert 0.1 < np.std(last) / np.std(first) < 10


def test_self_attention_starts_with_four_kernels_of_its_own_and_their_right_variance() -> None:
    built = model(single(SelfAttention(4), (4, 4, 64)))

    kernels = [np.asarray(x) for x in built.get_layer("layer").weights if "kernel" in x.path]

    assert len({kernel.tobytes() for kernel in kernels}) == 4
    for kernel in kernels:
        assert kernel.var() == pytest.approx(1 / 64, rel=0.1)


@pytest.mark.parametrize("attention", ["squeeze", "cbam"])
@pytest.mark.parametrize("block", sorted(BLOCKS))
def test_no_two_kernels_of_a_model_start_alike(block: str, attention: str) -> None:
    options = {"block": block, "width": 8, "squeeze_ratio": 0.5, "attention": attention}
    document = {"stem": {"width": 8}, "stages": [{"blocks": [options, options]}]}
    built = model(describe(ArchitectureSettings.model_validate(document), (6, 6, 3), 5))

    # a kernel of one number to a channel is a scale, which starts as it was told
    kernels = [np.asarray(x) for x in built.weights if "kernel" in x.path and len(x.shape) > 1]
    assert len({kernel.tobytes() for kernel in kernels}) == len(kernels)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_a_maximum_is_never_of_its_padding(policy: str) -> None:
    graph = GraphBuilder((5, 4, 2))
    node = graph.append("padding", LowestPadding(1), IMAGE)
    graph.append("pooling", Pooling("max", 3, 2), node)
    pixels = np.zeros((1, 5, 4, 2), dtype=np.uint8)  # which are -2 inside the model

    built = model(graph.finish(classes=0), dtype_policy=keras.DTypePolicy(policy))

    np.testing.assert_array_equal(built.predict(pixels, verbose=0), -2.0)


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
