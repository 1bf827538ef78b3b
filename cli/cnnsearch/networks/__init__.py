"""From an architecture to a Keras model; importing this loads TensorFlow."""

from __future__ import annotations

from cnnsearch.networks.build import build

__all__ = ["build"]
