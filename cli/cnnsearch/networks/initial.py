"""How weights start: drawn with the variance that lets values through at their own size.

He et al. 2015 (arXiv:1502.01852) derive theirs for rectifiers, Glorot & Bengio 2010 theirs for
functions that saturate. Both count what each output sees, which is where Keras' own initializers
go wrong: of a depthwise kernel (height, width, channels, multiplier) they take the channels for
inputs of one output, and of one with heads the heads, so that the weights start too small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import keras

SATURATING = frozenset({"softmax", "sigmoid", "tanh"})
TRUNCATED_DEVIATION = 0.87962566103423978  # of a standard normal that is cut off at -2 and 2


@dataclass(frozen=True)
class Fans:
    """How many values each output sees, and how many outputs see each value."""

    inputs: int
    outputs: int


def initializer(
    fans: Fans, next_activation: str | None, seed: int
) -> keras.initializers.Initializer:
    """Return that of Glorot before functions that saturate, else that of He.

    He's it is, too, where other weights come before any activation, as in torchvision's networks.
    """
    return glorot(fans, seed) if next_activation in SATURATING else he(fans, seed)


def he(fans: Fans, seed: int) -> keras.initializers.Initializer:
    """Return a normal distribution of variance 2 / inputs, cut off at two deviations."""
    deviation = math.sqrt(2 / fans.inputs) / TRUNCATED_DEVIATION
    return keras.initializers.TruncatedNormal(stddev=deviation, seed=seed)


def glorot(fans: Fans, seed: int) -> keras.initializers.Initializer:
    """Return a uniform distribution of variance 2 / (inputs + outputs)."""
    limit = math.sqrt(6 / (fans.inputs + fans.outputs))
    return keras.initializers.RandomUniform(-limit, limit, seed=seed)
