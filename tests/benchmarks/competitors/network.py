"""The network that the reader of a tuner's guide would write: a tunable stack of convolutions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import keras
from keras import layers

Choose: TypeAlias = Callable[[str, Sequence[Any]], Any]  # a setting's name and values to the value

SETTINGS: Mapping[str, Sequence[Any]] = {
    "blocks": [1, 2, 3],
    "convolutions": [1, 2],  # a block
    "width": [16, 32, 64],  # of the first block, doubled with each
    "kernel_size": [3, 5],
    "batch_normalization": [False, True],
    "pooling": ["max", "average"],
    "dropout": [0.0, 0.1, 0.25],
    "global_pooling": [False, True],
    "units": [64, 128, 256],
    "learning_rate": [3e-4, 1e-3, 3e-3],
}
BATCH_SIZE = 64
POOLING = {"max": layers.MaxPooling2D, "average": layers.AveragePooling2D}


def build(choose: Choose, shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return a compiled network for images of `shape`, with what `choose` says of each setting."""
    chosen = {name: choose(name, values) for name, values in SETTINGS.items()}
    images = keras.Input(shape)
    features = layers.Rescaling(1 / 255)(images)
    for block in range(chosen["blocks"]):
        for _ in range(chosen["convolutions"]):
            features = _convolve(features, chosen["width"] * 2**block, chosen)
        features = POOLING[chosen["pooling"]](2)(features)
        features = layers.Dropout(chosen["dropout"])(features)
    flatten = layers.GlobalAveragePooling2D if chosen["global_pooling"] else layers.Flatten
    features = layers.Dense(chosen["units"], activation="relu")(flatten()(features))
    model = keras.Model(images, layers.Dense(classes, activation="softmax")(features))
    model.compile(
        keras.optimizers.Adam(chosen["learning_rate"]),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def _convolve(features: Any, width: int, chosen: Mapping[str, Any]) -> Any:
    features = layers.Conv2D(width, chosen["kernel_size"], padding="same")(features)
    if chosen["batch_normalization"]:
        features = layers.BatchNormalization()(features)
    return layers.ReLU()(features)
