"""Image files to pixels, with Pillow: upright, grey or RGB, 8 bits, of the size asked for."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16L", "I;16B", "I;16N"})
ORIENTATION = 0x0112  # the EXIF tag; 5 to 8 lie on their side
DRAFT_GAP = 2  # a JPEG is decoded at no less than twice the size asked for, then scaled down


@dataclass(frozen=True)
class Header:
    """What is known of an image without decoding it."""

    height: int
    width: int
    grey: bool


def read_header(file: Path | IO[bytes]) -> Header:
    """Return height and width (upright) and whether the image is grey, reading little of the file.

    Raises:
        Exception: Any, as decoders do on damaged files.
    """
    from PIL import Image

    with Image.open(file) as image:
        width, height = _stored_size(image)
        if _orientation(image) >= 5:
            width, height = height, width
        return Header(height, width, _is_grey(image))


def decode(content: bytes, *, grey: bool, size: int | None) -> NDArray[np.uint8]:
    """Return the pixels, `(height, width, 1 or 3)`.

    Args:
        content: Of the image file.
        grey: One channel, else three.
        size: Side in pixels: the shorter side is scaled to it (bilinear, antialiased) and the
            middle cut out. None keeps the image's own.

    Raises:
        Exception: Any, as decoders do on damaged files.
    """
    import numpy as np
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(content)) as opened:
        if size is not None:  # has an effect on JPEG only
            scale = DRAFT_GAP * size / min(opened.size)
            opened.draft(
                "L" if grey else "RGB",
                (math.ceil(opened.width * scale), math.ceil(opened.height * scale)),
            )
        image: Image.Image = opened
        if _orientation(opened) > 1:
            image = ImageOps.exif_transpose(opened)
        image = _eight_bit(image, "L" if grey else "RGB")
        if size is not None:
            image = centre_square(image, size)
        pixels = np.asarray(image, dtype=np.uint8)
    return pixels.reshape(*pixels.shape[:2], -1)


def decode_to(content: bytes, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return the pixels as training saw them, of `shape` (height, width, channels).

    Squares are made as `decode` makes them of `data.image_size`. What is not square was trained on
    as it is; an image of another shape is scaled to cover it and the middle is cut out.

    Raises:
        Exception: Any, as decoders do on damaged files.
    """
    import numpy as np
    from PIL import Image, ImageOps

    height, width, channels = shape
    pixels = decode(content, grey=channels == 1, size=height if height == width else None)
    if pixels.shape == shape:
        return pixels
    image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
    fitted = ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR)
    return np.asarray(fitted, dtype=np.uint8).reshape(shape)


def centre_square(image: Image.Image, size: int) -> Image.Image:
    """Scale the shorter side to `size` pixels and cut out the middle."""
    from PIL import Image

    if image.size == (size, size):
        return image
    side = min(image.size)
    left, top = (image.width - side) / 2, (image.height - side) / 2
    box = (left, top, left + side, top + side)
    return image.resize((size, size), Image.Resampling.BILINEAR, box=box)


def resized(images: NDArray[np.uint8], size: int | None) -> NDArray[np.uint8]:
    """Return images `(examples, height, width, channels)` as squares of `size` pixels, if any."""
    import numpy as np
    from PIL import Image

    count, height, width, channels = images.shape
    if size is None or height == width == size:
        return images
    result = np.empty((count, size, size, channels), dtype=np.uint8)
    for index in range(count):
        pixels = images[index, ..., 0] if channels == 1 else images[index]
        scaled = np.asarray(centre_square(Image.fromarray(pixels), size))
        result[index] = scaled.reshape(size, size, channels)
    return result


def _stored_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height as in the file; Pillow turns the size of a TIFF by itself."""
    from PIL.TiffImagePlugin import IMAGELENGTH, IMAGEWIDTH, TiffImageFile

    if isinstance(image, TiffImageFile):
        return image.tag_v2[IMAGEWIDTH], image.tag_v2[IMAGELENGTH]
    return image.size


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8, without decoding a PNG to look for it behind it."""
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    value = image.getexif().get(ORIENTATION, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _is_grey(image: Image.Image) -> bool:
    if image.mode == "P":
        palette = image.getpalette("RGB") or []
        return palette[0::3] == palette[1::3] == palette[2::3]
    return image.mode in GREY_MODES


def _eight_bit(image: Image.Image, mode: str) -> Image.Image:
    """Convert to `mode`, "L" or "RGB": 16 bits scaled down, what is transparent on white."""
    from PIL import Image

    if image.mode == "F":
        raise ValueError("holds real numbers; expected 8 or 16 bits a channel")
    if image.mode.startswith("I"):
        image = _from_sixteen_bit(image)
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image if image.mode == mode else image.convert(mode)


def _from_sixteen_bit(image: Image.Image) -> Image.Image:
    """Scale 0..65535 to 0..255; Pillow's own conversion would cut off above 255."""
    import numpy as np
    from PIL import Image

    values = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > 65535:
        raise ValueError("holds more than 16 bits a channel; expected 8 or 16")
    return Image.fromarray(((values + 128) // 257).astype(np.uint8))
