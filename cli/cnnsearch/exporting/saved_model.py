"""A network as TensorFlow SavedModel, with the signatures that TensorFlow Serving offers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from cnnsearch.exporting.image_bytes import decoder

IMAGES, BYTES = "serving_default", "serving_bytes"  # names of the signatures
Outputs = dict[str, Any]  # a tensor by the name of the output: TensorFlow has no types


def write_saved_model(model: keras.Model, path: Path, classes: Sequence[str]) -> None:
    """Write the folder of a SavedModel that takes images, as pixels or as encoded files.

    Args:
        model: From uint8 images (batch, height, width, channels) to probabilities.
        path: The folder.
        classes: Names of the outputs, in order.
    """
    serve, signature = endpoint(model)
    decode = decoder(model.input_shape[1:])
    labels = list(classes)

    def named(probabilities: tf.Tensor) -> Outputs:
        best = tf.gather(tf.constant(labels), tf.argmax(probabilities, axis=-1))
        return {"probabilities": probabilities, "label": best}

    def serve_images(image: tf.Tensor) -> Outputs:
        return named(serve(image)["probabilities"])

    def serve_bytes(image_bytes: tf.Tensor) -> Outputs:
        return named(model(decode(image_bytes), training=False))

    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint(IMAGES, serve_images, signature)
    encoded = tf.TensorSpec((None,), tf.string, name="image_bytes")
    archive.add_endpoint(BYTES, serve_bytes, [encoded])
    archive.write_out(path, verbose=False)


def endpoint(model: keras.Model) -> tuple[Callable[[tf.Tensor], Outputs], list[Any]]:
    """Return the function from images to probabilities that `model` serves, and what it takes."""
    shape = (None, *model.input_shape[1:])

    def serve(image: tf.Tensor) -> Outputs:
        """Refuse images of another shape in words: layers would take them, or end the process."""
        return {"probabilities": model(tf.ensure_shape(image, shape), training=False)}

    return serve, [tf.TensorSpec(shape, tf.uint8, name="image")]
