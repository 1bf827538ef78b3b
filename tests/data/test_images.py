from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cnnsearch.data.images import decode, read_header, resized


def _file(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_photo_on_its_side_is_put_upright(kind: str) -> None:
    image = Image.new("RGB", (40, 20), "black")
    image.paste("white", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise
    content = _file(image, kind, exif=exif)

    pixels = decode(content, grey=True, size=None)

    header = read_header(io.BytesIO(content))
    assert pixels.shape == (40, 20, 1) == (header.height, header.width, 1)
    assert pixels[:15].mean() > 200 > 50 > pixels[25:].mean()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I;16", "P"])
def test_images_without_colour_are_grey(mode: str) -> None:
    assert read_header(io.BytesIO(_file(Image.new("L", (4, 4), 99).convert(mode)))).grey


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_images_with_colour_are_not_grey(mode: str) -> None:
    image = Image.linear_gradient("L").resize((8, 8))
    coloured = Image.merge("RGB", (image, image.rotate(90), image.rotate(180)))

    assert not read_header(io.BytesIO(_file(coloured.convert(mode)))).grey


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_white(mode: str) -> None:
    image = Image.new("RGBA", (4, 4), (10, 10, 10, 0))
    image.paste((10, 10, 10, 255), (0, 0, 2, 4))

    pixels = decode(_file(image.convert(mode)), grey=True, size=None)

    assert (pixels[:, :2] == 10).all()
    assert (pixels[:, 2:] == 255).all()


def test_sixteen_bits_are_scaled_to_eight() -> None:
    values = np.array([[0, 257, 32896, 65535]], dtype=np.uint16)

    pixels = decode(_file(Image.fromarray(values)), grey=True, size=None)

    assert pixels[..., 0].tolist() == [[0, 1, 128, 255]]


def test_real_numbers_are_refused() -> None:
    content = _file(Image.fromarray(np.ones((4, 4), np.float32)), "TIFF")

    with pytest.raises(ValueError, match="real numbers"):
        decode(content, grey=True, size=None)


def test_a_size_scales_the_shorter_side_and_keeps_the_middle() -> None:
    image = Image.new("L", (90, 30), 0)
    image.paste(255, (30, 0, 60, 30))

    pixels = decode(_file(image), grey=True, size=10)

    assert pixels.shape == (10, 10, 1)
    assert (pixels[:, 1:-1] == 255).all()


def test_a_large_jpeg_shrinks_to_nearly_the_same_with_its_fast_decoder() -> None:
    image = Image.radial_gradient("L").resize((800, 600))

    fast = decode(_file(image, "JPEG", quality=95), grey=True, size=32)

    exact = decode(_file(image), grey=True, size=32)
    assert np.abs(fast.astype(int) - exact).max() <= 4


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 12), st.sampled_from([1, 3]))
def test_arrays_of_any_shape_become_squares(
    height: int, width: int, size: int, channels: int
) -> None:
    images = np.full((3, height, width, channels), 77, dtype=np.uint8)

    result = resized(images, size)

    assert result.shape == (3, size, size, channels)
    assert (result == 77).all()
