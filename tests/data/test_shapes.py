"""The shape of a dataset, from its card or its images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cnnsearch.data import card_names, shapes
from cnnsearch.data.shapes import shape_and_classes


@pytest.mark.parametrize(("image_size", "shape"), [(None, (28, 28, 1)), (32, (32, 32, 1))])
def test_a_card_tells_without_the_data(
    image_size: int | None, shape: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(shapes, "open_dataset")

    for name in card_names():
        assert shape_and_classes(name, image_size) == (shape, 10)


def test_a_file_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "images.npz"
    pixels = np.arange(30 * 6 * 5 * 3, dtype=np.uint8).reshape(30, 6, 5, 3)
    np.savez(path, x=pixels, y=np.arange(30) % 3)

    assert shape_and_classes(str(path), None) == ((6, 5, 3), 3)
    assert shape_and_classes(str(path), 4) == ((4, 4, 3), 3)
