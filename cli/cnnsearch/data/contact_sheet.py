"""A picture of a dataset: a row of examples for each class, with its name."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cnnsearch.data.dataset import Dataset
from cnnsearch.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

EXAMPLES = 10  # a class
ROWS = 100  # classes shown at most
SMALLEST_SIDE, LARGEST_SIDE = 56, 96  # pixels of an example; small images are enlarged
MARGIN, LABEL_WIDTH, FONT_SIZE, LABEL_LENGTH = 6, 150, 14, 20


def contact_sheet(dataset: Dataset, path: Path) -> None:
    """Write a PNG with about ten training images of each class (of the first hundred).

    Raises:
        DataError: The file cannot be written.
    """
    sheet = draw_contact_sheet(dataset)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        sheet.save(temporary, format="PNG", optimize=True)
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise DataError(f"{path}: cannot be written ({reason}); name another: --sheet") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def draw_contact_sheet(dataset: Dataset) -> Image.Image:
    """Return the picture: a row a class."""
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    classes = dataset.classes[:ROWS]
    width, height = _cell(dataset.shape)
    sheet = Image.new(
        "RGB",
        (LABEL_WIDTH + EXAMPLES * (width + MARGIN), len(classes) * (height + MARGIN) + MARGIN),
        "white",
    )
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(FONT_SIZE)
    for label, name in enumerate(classes):
        top = MARGIN + label * (height + MARGIN)
        pen.text((MARGIN, top + height // 2), _short(name), "black", font, anchor="lm")
        members = np.flatnonzero(dataset.y_train == label)
        for column, index in enumerate(_spread(members)):
            example = _picture(dataset.x_train[index]).resize((width, height))
            sheet.paste(example, (LABEL_WIDTH + column * (width + MARGIN), top))
    return sheet


def _cell(shape: tuple[int, int, int]) -> tuple[int, int]:
    """Return width and height of an example: enlarged by a whole number, or shrunk to fit."""
    height, width, _ = shape
    longer = max(height, width)
    scale = -(-SMALLEST_SIDE // longer) if longer < SMALLEST_SIDE else min(1, LARGEST_SIDE / longer)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _spread(members: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ten of these indices, or all where there are fewer, evenly apart."""
    import numpy as np

    positions = np.linspace(0, len(members) - 1, min(EXAMPLES, len(members))).astype(np.int64)
    return members[positions]


def _picture(pixels: NDArray[np.uint8]) -> Image.Image:
    from PIL import Image

    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).convert("RGB")


def _short(name: str) -> str:
    return name if len(name) <= LABEL_LENGTH else name[: LABEL_LENGTH - 3] + "..."
