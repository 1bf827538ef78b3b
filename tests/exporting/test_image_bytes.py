"""The graph makes the same pixels of an image file as the training was given."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from cnnsearch.data.images import decode, resized
from cnnsearch.exporting.image_bytes import decoder

ROUNDING = 2  # of 255: Pillow rounds between its steps, TensorFlow at the end


def picture(mode: str, size: tuple[int, int]) -> Image.Image:
    """Return a picture with soft and hard edges, of `size` (width, height)."""
    gradient = Image.linear_gradient("L").resize(size)
    other = Image.radial_gradient("L").resize(size)
    other.paste(200, (0, 0, size[0] // 2, size[1] // 3))
    bands = {"L": gradient, "A": other, "R": gradient, "G": other, "B": gradient.rotate(90)}
    return Image.merge(mode, [bands[band] for band in Image.new(mode, (1, 1)).getbands()])


def content(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("mode", "kind"),
    [("L", "PNG"), ("LA", "PNG"), ("RGB", "PNG"), ("RGBA", "PNG"), ("RGB", "JPEG"), ("L", "JPEG")],
)
@pytest.mark.parametrize("size", [(16, 16), (40, 24), (21, 50), (9, 7)])
def test_pixels_are_those_of_the_training(
    channels: int, mode: str, kind: str, size: tuple[int, int]
) -> None:
    file = content(picture(mode, size), kind)

    found = decoder((16, 16, channels))(tf.constant([file])).numpy()

    whole = decode(file, grey=channels == 1, size=None)  # without the quick draft of a JPEG
    expected = resized(whole[None], 16).astype(np.int64)
    assert found.dtype == np.uint8
    assert np.abs(found.astype(np.int64) - expected).max() <= ROUNDING


def test_an_image_that_is_none_is_told_in_words() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match="Unknown image file format"):
        decoder((4, 4, 1))(tf.constant([b"hello"]))


def test_images_of_different_sizes_are_one_batch_and_none_is_no_batch() -> None:
    files = [content(picture("L", size), "PNG") for size in ((5, 9), (30, 8))]
    decode_all = decoder((6, 4, 3))

    assert decode_all(tf.constant(files)).shape == (2, 6, 4, 3)
    assert decode_all(tf.constant([], tf.string)).shape == (0, 6, 4, 3)
