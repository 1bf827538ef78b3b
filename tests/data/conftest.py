"""Tiny images, in a cache of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

MakeImages = Callable[..., Path]


@pytest.fixture(autouse=True)
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an empty cache."""
    home = tmp_path / "cache-home"
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    return home


@pytest.fixture
def make_images(tmp_path: Path) -> MakeImages:
    """Return a function that writes `count` PNGs a class and returns the folder."""

    def make(
        folder: str = "photos",
        *,
        classes: tuple[str, ...] = ("cat", "dog"),
        count: int = 5,
        size: tuple[int, int] = (6, 4),
        mode: str = "RGB",
    ) -> Path:
        random = np.random.default_rng(len(folder))
        for name in classes:
            place = tmp_path / folder / name
            place.mkdir(parents=True, exist_ok=True)
            for index in range(count):
                pixels = random.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
                Image.fromarray(pixels).convert(mode).save(place / f"{index}.png")
        return tmp_path / folder

    return make
