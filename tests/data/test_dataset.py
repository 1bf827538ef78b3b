from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cnnsearch.data import Dataset, channel_statistics
from cnnsearch.data.contact_sheet import contact_sheet, draw_contact_sheet
from cnnsearch.errors import DataError


def _dataset(
    classes: int = 3, shape: tuple[int, int, int] = (4, 5, 3), name: str = "class"
) -> Dataset:
    def split(count: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(count) % classes
        images = (
            np.zeros((count, *shape), np.uint8)
            + (labels * 50 + 50).astype(np.uint8)[:, None, None, None]
        )
        return images, labels

    names = tuple(f"{name} {label}" for label in range(classes))
    return Dataset(
        "tiny", "here", names, *split(12), *split(3), *split(6), "MIT", "abc", ("a note",)
    )


def test_facts_are_plain_values() -> None:
    facts = json.loads(json.dumps(_dataset().facts()))

    assert facts["shape"] == [4, 5, 3]
    assert facts["examples"] == {"train": 12, "validation": 3, "test": 6}
    assert facts["class_counts"]["class 1"] == {"train": 4, "validation": 1, "test": 2}
    assert facts["bytes"] == 21 * 60


@given(st.integers(1, 40), st.sampled_from([1, 3]), st.integers(0, 1000))
def test_statistics_are_those_of_all_pixels(count: int, channels: int, seed: int) -> None:
    images = np.random.default_rng(seed).integers(0, 256, (count, 3, 2, channels), dtype=np.uint8)

    mean, deviation = channel_statistics(images)

    assert np.allclose(mean, images.mean(axis=(0, 1, 2)))
    assert np.allclose(deviation, images.std(axis=(0, 1, 2)), atol=1e-6)


def test_statistics_of_many_images_come_from_a_spread_sample() -> None:
    images = np.arange(30_000).astype(np.uint8).reshape(-1, 1, 1, 1)

    mean, deviation = channel_statistics(images)

    assert mean[0] == pytest.approx(127.5, abs=1)
    assert deviation[0] == pytest.approx(73.9, abs=1)


def test_the_contact_sheet_has_a_row_of_examples_a_class(tmp_path: Path) -> None:
    contact_sheet(_dataset(), tmp_path / "sheet.png")

    with Image.open(tmp_path / "sheet.png") as sheet:
        pixels = np.asarray(sheet.convert("L"))
    rows = pixels[:, 160]
    assert [int((rows == grey).sum()) > 20 for grey in (50, 100, 150)] == [True, True, True]
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.png"]


@pytest.mark.parametrize("shape", [(1, 1, 1), (28, 28, 1), (500, 20, 3), (20, 500, 3)])
def test_a_contact_sheet_of_any_shape_is_of_modest_size(shape: tuple[int, int, int]) -> None:
    width, height = draw_contact_sheet(_dataset(shape=shape)).size

    assert width < 1300
    assert height < 400


def test_many_classes_with_long_names_are_cut() -> None:
    sheet = draw_contact_sheet(_dataset(classes=150, name="Ω" * 200))

    assert sheet.height < 100 * 110


def test_a_contact_sheet_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"sheet\.png: cannot be written .* name another: --sheet"):
        contact_sheet(_dataset(), tmp_path / "no" / "such" / "sheet.png")
