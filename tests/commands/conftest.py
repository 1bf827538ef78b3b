"""A model that everybody can check in their head: dark images are `night`, bright ones `day`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cnnsearch.main import COMMANDS, execute, make_app

SIDE = 4


@dataclass(frozen=True)
class Said:
    """What a command said, and with which exit code."""

    code: int
    output: str
    errors: str

    @property
    def json(self) -> Any:
        return json.loads(self.output)


Call = Callable[..., Said]
SaveImage = Callable[..., Path]


@pytest.fixture(scope="session")
def day_and_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an exported model over two classes."""
    import keras
    import numpy as np

    image = keras.Input((SIDE, SIDE, 1), dtype="uint8", name="image")
    tensor = keras.layers.Rescaling(1 / 255)(image)
    dense = keras.layers.Dense(2, activation="softmax")
    model = keras.Model(image, dense(keras.layers.GlobalAveragePooling2D()(tensor)))
    dense.set_weights([np.array([[-4.0, 4.0]]), np.array([2.0, -2.0])])
    folder = tmp_path_factory.mktemp("day and night")
    model.save(folder / "model.keras")
    (folder / "labels.txt").write_text("night\nday\n", encoding="utf-8")
    return folder


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Return a function that runs `cnnsearch ARGUMENTS` in the test's folder, in this process."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        code = execute(make_app(*COMMANDS), [str(each) for each in arguments])
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture
def save_image(tmp_path: Path) -> SaveImage:
    """Return a function that writes an image of one brightness, 0 to 255."""

    def save(name: str, brightness: int, side: int = SIDE) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (side, side), brightness).save(path)
        return path

    return save
