"""Images to predict are found as users name them, and look as they did in training."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.data.conftest import MakeImages

from cnnsearch.data.decoding import decode_files
from cnnsearch.data.folders import ImageFile, list_folder
from cnnsearch.data.image_files import decoded_batches, find_images
from cnnsearch.data.images import decode_to
from cnnsearch.errors import DataError


def test_files_folders_and_patterns_are_found_each_once(
    make_images: MakeImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = make_images(count=2)
    (photos / "notes.txt").touch()
    (photos / ".hidden.png").touch()
    monkeypatch.chdir(photos.parent)

    found = find_images(["photos/dog/1.png", "photos", "photos/*/0.png", "photos/**/*.txt"])

    assert [path.relative_to("photos").as_posix() for path in found.paths] == [
        "dog/1.png",
        "cat/0.png",
        "cat/1.png",
        "dog/0.png",
        "notes.txt",
    ]


def test_a_file_with_a_name_like_a_pattern_is_found(tmp_path: Path) -> None:
    (tmp_path / "a[1].png").touch()

    assert find_images([str(tmp_path / "a[1].png")]).paths == (tmp_path / "a[1].png",)


def test_a_folder_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, onerror: object) -> None:
        raise PermissionError(13, "Permission denied", "/secret")

    monkeypatch.setattr("os.walk", refuse)

    with pytest.raises(DataError, match=r"/secret: cannot be read \(Permission denied\)"):
        find_images([str(tmp_path)])


def _sideways(mode: str, size: tuple[int, int], kind: str) -> bytes:
    """Return an image file of noise, with a note that it lies on its side."""
    noise = np.random.default_rng(7).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    exif, content = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    Image.fromarray(noise).convert(mode).save(content, kind, exif=exif)
    return content.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize(
    ("size", "image_size"), [((90, 70), 16), ((16, 16), 16), ((16, 16), None), ((9, 7), None)]
)
def test_an_image_is_predicted_from_the_pixels_that_training_saw(
    kind: str, mode: str, size: tuple[int, int], image_size: int | None, tmp_path: Path
) -> None:
    path = tmp_path / "image"
    path.write_bytes(_sideways(mode, size, kind))
    trained = decode_files([ImageFile(path, "image", 0, 1, 1)], image_size).pixels

    (batch,) = decoded_batches([path], trained.shape[1:], 8)

    np.testing.assert_array_equal(batch.pixels, trained)


@pytest.mark.parametrize("shape", [(4, 8, 1), (8, 4, 3), (6, 6, 1), (6, 6, 3)])
@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_any_image_is_brought_to_any_shape(mode: str, shape: tuple[int, int, int]) -> None:
    content = io.BytesIO()
    image = Image.new("L", (11, 5), 255).convert(mode)
    image.save(content, "TIFF")

    pixels = decode_to(content.getvalue(), shape)

    assert pixels.shape == shape
    assert pixels.dtype == np.uint8


def test_a_wide_image_keeps_its_proportions() -> None:
    image = Image.new("L", (40, 10), 0)
    image.paste(255, (0, 0, 8, 10))
    content = io.BytesIO()
    image.save(content, "PNG")

    pixels = decode_to(content.getvalue(), (5, 10, 1))

    assert pixels.max() == 0  # scaled to 20x5, of which the middle half is black


def test_batches_hold_so_many_files_and_name_those_that_are_none(make_images: MakeImages) -> None:
    photos = make_images(count=3, size=(6, 6))
    (photos / "cat" / "1.png").write_bytes(b"no image")
    files = [file.path for file in list_folder(photos).files["train"]]

    batches = list(decoded_batches(files, (6, 6, 3), 4))

    assert [len(batch.pixels) for batch in batches] == [3, 2]
    assert [path.name for path in batches[0].paths] == ["0.png", "2.png", "0.png"]
    (lost,) = batches[0].unreadable
    assert (lost.path, lost.reason) == (files[1], "not an image, or damaged at its beginning")
