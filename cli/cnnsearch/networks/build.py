"""The Keras model of an architecture: uint8 images in, float32 probabilities out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import keras

from cnnsearch.architecture import IMAGE, Architecture
from cnnsearch.architecture.layers import Activation
from cnnsearch.networks.layers import Place, keras_layer


def build(
    architecture: Architecture,
    *,
    scale: Sequence[float],
    offset: Sequence[float],
    seed: int,
    dtype_policy: keras.DTypePolicy | None = None,
) -> keras.Model:
    """Build the model, with weights drawn from `seed` alone.

    Each layer is called as its row. Images are normalised inside the model.

    Args:
        architecture: The network.
        scale: One factor per channel, 1 / standard deviation of the pixels (0..255).
        offset: One summand per channel, added after scaling: -mean / standard deviation.
        seed: The same seed gives the same weights, whatever was built before.
        dtype_policy: Computes in less than float32 where given (`mixed_float16`); images stay
            uint8 and probabilities float32.

    Returns:
        A model from uint8 (batch, height, width, channels) to float32 (batch, classes).
    """
    policy = dtype_policy or keras.DTypePolicy("float32")
    image = keras.Input(architecture.input_shape, dtype="uint8", name="image")
    rescale = keras.layers.Rescaling(
        list(scale), list(offset), dtype="float32", name="normalised_image"
    )
    tensors = {IMAGE: rescale(image)}
    for index, row in enumerate(architecture.rows):
        inputs = [tensors[node] for node in row.inputs]
        place = Place(
            name=row.name,
            seed=seed,
            shape=inputs[0].shape[1:],
            next_activation=_next_activation(architecture, index),
            dtype_policy=policy,
        )
        tensors[index] = _apply(keras_layer(row.layer, place), inputs)
    return keras.Model(image, tensors[len(architecture.rows) - 1])


def _apply(layer: keras.layers.Layer, inputs: list[keras.KerasTensor]) -> keras.KerasTensor:
    """Call the layer in a way that leaves training or inference to the model's caller.

    Keras' image layers take `training=True` where nothing is said and hand it on to every layer
    after them: `model(images)` and the exported model would normalise by each batch's own
    statistics. Said once here, the model's own `training` still wins.
    """
    argument = inputs if len(inputs) > 1 else inputs[0]
    if isinstance(layer, keras.layers.Resizing):
        return layer(argument, training=False)
    if isinstance(layer, keras.layers.MultiHeadAttention):
        return layer(argument, argument)
    return layer(argument)


def _next_activation(architecture: Architecture, start: int) -> str | None:
    """Return the first activation after row `start`, or none where other weights come first."""
    reached = {start}
    for index, row in enumerate(islice(architecture.rows, start + 1, None), start + 1):
        if reached.isdisjoint(row.inputs):
            continue
        if isinstance(row.layer, Activation):
            return row.layer.kind
        if not row.layer.weighted_depth:
            reached.add(index)
    return None
