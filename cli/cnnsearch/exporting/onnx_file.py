"""A network as ONNX file, by tf2onnx as Keras uses it."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf

OPSET = 18  # of 2022: read by onnxruntime 1.14 and newer


def write_onnx(model: keras.Model, path: Path, classes: Sequence[str]) -> None:
    """Write the file: `image`, uint8 (batch, height, width, channels), to `probabilities`.

    The names of the classes are in its metadata, as the JSON list `labels`.
    """
    import onnx

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    named = keras.Model(model.input, {"probabilities": model.output})
    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8, name="image")]
    with warnings.catch_warnings():  # of Keras' patch that fits tf2onnx to numpy 2
        warnings.simplefilter("ignore", FutureWarning)
        named.export(
            path, format="onnx", verbose=False, input_signature=signature, opset_version=OPSET
        )
    written = onnx.load(path)
    onnx.helper.set_model_props(written, {"labels": json.dumps(list(classes))})
    onnx.save(written, path)
