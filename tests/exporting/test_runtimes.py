"""Every kind of layer that a search may use also runs in TFLite and in ONNX."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from cnnsearch.architecture import describe
from cnnsearch.exporting import proof
from cnnsearch.exporting.formats import CLOSE
from cnnsearch.exporting.lite import write_lite
from cnnsearch.exporting.onnx_file import write_onnx
from cnnsearch.networks import build
from cnnsearch.space import draw, first_guess, load_space

CLASSES = ("a", "b", "c")
# One row each that together use every kind of layer.
STAGES = (
    "{block: conv, width: 4, pooling: blur}",
    "{block: residual, width: 6, attention: cbam, squeeze_ratio: 0.5}",
    "{block: mbconv, width: 6, kernel_size: 5, squeeze_ratio: 0.25}",
    "{block: separable, width: 6}",
    "{block: convnext, width: 6}",
    "{block: dense, width: 6, layers: 2, growth: 2}",
    "{block: self_attention, width: 8, heads: 2}",
    "{block: preactivation_bottleneck, width: 8, groups: 2}",
)


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (24, 9, 9, 1), np.uint8)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, images: NDArray[np.uint8]) -> keras.Model:
    """Return a small network with a block of every kind, resized images and a padded pooling."""
    text = f"""
name: all
data: {{source: fashion-mnist-mini}}
architecture:
  input: {{resolution: 12}}
  activation: swish
  normalization: group
  smallest_map: null
  stem: {{width: 4, stride: 1, pooling: max, pooling_stride: 1, pooling_padding: 1}}
  stages: [{", ".join(STAGES)}]
"""
    file = tmp_path_factory.mktemp("space") / "all.yaml"
    file.write_text(text, encoding="utf-8")
    settings = draw(load_space(file), first_guess).architecture
    return build(describe(settings, (9, 9, 1), 3), scale=[1 / 70], offset=[-1.8], seed=1)


def difference(name: str, path: Path, model: keras.Model, images: Any) -> float:
    expected = np.asarray(model(images, training=False))
    found: float = np.abs(proof.loader(name)(str(path))(images) - expected).max()
    return found


@pytest.fixture(scope="module")
def plain_network() -> keras.Model:
    """Return a small network of what most networks are of."""
    image = keras.Input((9, 9, 1), dtype="uint8", name="image")
    tensor = keras.layers.Rescaling(1 / 70, -1.8)(image)
    tensor = keras.layers.Conv2D(4, 3, kernel_initializer=keras.initializers.HeNormal(1))(tensor)
    tensor = keras.layers.ReLU()(keras.layers.BatchNormalization()(tensor))
    tensor = keras.layers.GlobalAveragePooling2D()(tensor)
    tensor = keras.layers.Dense(3, kernel_initializer=keras.initializers.HeNormal(2))(tensor)
    return keras.Model(image, keras.layers.Softmax()(tensor))


@pytest.mark.parametrize(
    ("precision", "most"), [("float32", CLOSE), ("float16", 0.01), ("int8", 0.03)]
)
def test_tflite_predicts_what_the_network_does(
    precision: str,
    most: float,
    plain_network: keras.Model,
    images: NDArray[np.uint8],
    tmp_path: Path,
) -> None:
    path = tmp_path / "model.tflite"

    write_lite(plain_network, path, precision, images)

    assert difference(path.name, path, plain_network, images) <= most
    assert list(tmp_path.iterdir()) == [path]


def test_in_int8_nothing_is_computed_in_real_numbers(
    plain_network: keras.Model, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    import tensorflow as tf

    path = tmp_path / "model.tflite"

    write_lite(plain_network, path, "int8", images // 2)  # no pixel is white

    interpreter = proof.open_interpreter(str(path), tf.lite.experimental.OpResolverType.BUILTIN_REF)
    (into,), (out,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert not [one for one in interpreter.get_tensor_details() if one["dtype"] == np.float32]
    assert (into["dtype"], into["quantization"]) == (np.uint8, (1.0, 0))
    assert out["dtype"] == np.uint8


@pytest.mark.slow
def test_every_kind_of_layer_has_its_operations_in_int8(
    network: keras.Model, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    path = tmp_path / "model.tflite"

    write_lite(network, path, "int8", images)

    found = proof.loader(path.name)(str(path))(images)
    np.testing.assert_allclose(found.sum(-1), 1, atol=0.05)


def test_onnx_predicts_what_the_network_does_and_knows_the_labels(
    plain_network: keras.Model, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    onnx = pytest.importorskip("onnx")
    path = tmp_path / "model.onnx"

    write_onnx(plain_network, path, CLASSES)

    assert difference(path.name, path, plain_network, images) <= CLOSE
    (labels,) = [each.value for each in onnx.load(path).metadata_props if each.key == "labels"]
    assert json.loads(labels) == list(CLASSES)


@pytest.mark.exhaustive
def test_every_kind_of_layer_has_its_operations_in_onnx(
    network: keras.Model, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    pytest.importorskip("onnx")
    path = tmp_path / "model.onnx"

    write_onnx(network, path, CLASSES)

    assert difference(path.name, path, network, images) <= CLOSE
