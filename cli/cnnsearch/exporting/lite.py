"""A network as TFLite (LiteRT) files: in float32, in float16, and in whole numbers of 8 bits.

Quantization after training: Jacob et al. 2018 (arXiv:1712.05877), section 3.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnnsearch.errors import CnnsearchError, disk_is_full

CALIBRATION_IMAGES = 256  # the ranges of the maps are taken from as many


def write_lite(model: keras.Model, path: Path, precision: str, calibration: Any) -> None:
    """Write one file, which takes uint8 images and gives probabilities.

    Args:
        model: From uint8 images (batch, height, width, channels) to probabilities.
        path: The file.
        precision: float32, float16 (of the weights) or int8 (of all that is computed; its
            probabilities are uint8, of 256).
        calibration: Training images that int8 takes the ranges of its maps from, evenly spread.

    Raises:
        CnnsearchError: TFLite has no operation for a part of the network.
    """
    source = _of_float_images(model) if precision == "int8" else model
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".lite-") as folder:
        archive = keras.export.ExportArchive()
        archive.track(source)
        archive.add_endpoint("serve", *_endpoint(source))
        archive.write_out(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(
            folder, signature_keys=["serving_default"]
        )
        _set_precision(converter, precision, calibration)
        path.write_bytes(_converted(converter, precision))


def _converted(converter: Any, precision: str) -> bytes:
    try:
        content: bytes = converter.convert()
    except Exception as error:
        if disk_is_full(error):
            raise
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CnnsearchError(
            f"the network cannot be written as TFLite in {precision}: {reason}"
        ) from error
    return content


def _endpoint(model: keras.Model) -> tuple[Any, list[Any]]:
    def serve(image: tf.Tensor) -> dict[str, Any]:
        return {"probabilities": model(image, training=False)}

    shape = (None, *model.input_shape[1:])
    return serve, [tf.TensorSpec(shape, model.inputs[0].dtype, name="image")]


def _set_precision(converter: Any, precision: str, calibration: Any) -> None:
    if precision == "float32":
        return
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
        return
    converter.representative_dataset = lambda: _ranges(calibration)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.uint8


def _ranges(images: NDArray[np.uint8]) -> Iterator[list[NDArray[np.float32]]]:
    """Give images one by one that span all pixel values: what goes in is the pixels themselves."""
    chosen = np.linspace(0, len(images) - 1, min(CALIBRATION_IMAGES, len(images))).astype(int)
    for index in chosen:
        yield [images[index : index + 1].astype(np.float32)]
    for value in {0, 255} - {int(images[chosen].min()), int(images[chosen].max())}:
        yield [np.full((1, *images.shape[1:]), value, np.float32)]


def _of_float_images(model: keras.Model) -> keras.Model:
    """Return the network for images as real numbers, so that not even its input stays whole."""
    image = keras.Input(model.input_shape[1:], dtype="float32", name="image")
    clone = keras.models.clone_model(model, input_tensors=image, clone_function=_clone)
    clone.set_weights(model.get_weights())
    return clone


def _clone(layer: keras.layers.Layer) -> keras.layers.Layer:
    if isinstance(layer, keras.Model) and type(layer.layers[-1]).__name__ == "Pad":
        return _mirroring(layer)
    return layer.__class__.from_config(layer.get_config())


def _mirroring(padding: keras.Model) -> keras.Model:
    """Return a padding with what lies at the border: the range of 8 bits cannot hold -infinity.

    A maximum over it is the same, where the padding is at most half of the pooling's window.
    """
    image = keras.Input(padding.input_shape[1:])
    (height, width), (padded_height, padded_width) = (
        padding.input_shape[1:3],
        padding.output_shape[1:3],
    )
    rows, columns = (padded_height - height) // 2, (padded_width - width) // 2
    sides = ((0, 0), (rows, rows), (columns, columns), (0, 0))
    return keras.Model(image, keras.ops.pad(image, sides, mode="symmetric"), name=padding.name)
