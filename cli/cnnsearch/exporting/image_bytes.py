"""Encoded images to a network's pixels inside the TensorFlow graph, as `data/images.py` reads them.

Upright images only: a camera's note on how it was held (EXIF) is not followed here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, as Pillow turns colours into grey
Tensor = Any  # TensorFlow has no types


def decoder(shape: tuple[int, int, int]) -> Callable[[Tensor], Tensor]:
    """Return the function from encoded images (batch,) to uint8 (batch, *shape).

    JPEG, PNG, GIF (its first picture) and BMP, grey or in colours, of any size: what is transparent
    is laid on white, the image is scaled to cover (height, width) and its middle is cut out.
    """

    def decode(content: Tensor) -> Tensor:
        pixels = _in_channels(_on_white(_decoded(content)), shape[2])
        return tf.ensure_shape(_covering(pixels, shape[:2]), shape)

    signature = tf.TensorSpec(shape, tf.uint8)
    return lambda contents: tf.map_fn(decode, contents, fn_output_signature=signature)


def _decoded(content: Tensor) -> Tensor:
    """Return the pixels as float32 (height, width, 1 to 4), 0 to 255."""
    pixels = tf.cond(
        tf.io.is_jpeg(content),
        lambda: tf.io.decode_jpeg(content, dct_method="INTEGER_ACCURATE"),  # as Pillow decodes
        lambda: tf.io.decode_image(content, expand_animations=False),
    )
    return tf.cast(tf.ensure_shape(pixels, (None, None, None)), tf.float32)


def _on_white(pixels: Tensor) -> Tensor:
    """Drop the alpha channel, the second of two or the fourth of four."""
    channels = tf.shape(pixels)[-1]
    has_alpha = channels % 2 == 0
    alpha = tf.where(has_alpha, pixels[..., -1:] / 255, 1.0)
    colours = pixels[..., : channels - tf.cast(has_alpha, tf.int32)]
    return colours * alpha + 255 * (1 - alpha)


def _in_channels(pixels: Tensor, channels: int) -> Tensor:
    height, width = tf.shape(pixels)[0], tf.shape(pixels)[1]
    colours = tf.broadcast_to(pixels, (height, width, 3))
    if channels == 3:
        return colours
    return tf.round(tf.reduce_sum(colours * LUMA, axis=-1, keepdims=True))


def _covering(pixels: Tensor, size: tuple[int, int]) -> Tensor:
    """Scale to cover `size` (height, width), bilinear and antialiased, and cut out the middle."""
    own = tf.cast(tf.shape(pixels)[:2], tf.float32)
    scale = tf.reduce_max(tf.constant(size, tf.float32) / own)
    scaled = tf.raw_ops.ScaleAndTranslate(
        images=pixels[tf.newaxis],
        size=tf.constant(size, tf.int32),
        scale=tf.stack([scale, scale]),
        translation=(tf.constant(size, tf.float32) - own * scale) / 2,
        kernel_type="triangle",
        antialias=True,
    )
    return tf.cast(tf.clip_by_value(tf.round(scaled[0]), 0, 255), tf.uint8)
