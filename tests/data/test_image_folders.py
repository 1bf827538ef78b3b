"""A folder of images becomes a dataset, or a message."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnsearch.data import open_dataset
from cnnsearch.errors import DataError

MakeImages = Callable[..., Path]


def _save(path: Path, size: tuple[int, int] = (6, 4), colour: str = "red") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)
    return path


def test_sub_folders_are_the_classes(make_images: MakeImages) -> None:
    folder = make_images(classes=("dog", "cat"), count=10)

    dataset = open_dataset(str(folder))

    assert dataset.classes == ("cat", "dog")
    assert dataset.shape == (4, 6, 3)
    assert {split: len(y) for split, (_, y) in dataset.splits().items()} == {
        "train": 14,
        "validation": 2,
        "test": 4,
    }


def test_each_image_is_in_one_split_with_its_own_class(make_images: MakeImages) -> None:
    folder = make_images(count=9, classes=("a", "b", "c"))

    dataset = open_dataset(str(folder))

    found = [
        (image.tobytes(), dataset.classes[label])
        for images, labels in dataset.splits().values()
        for image, label in zip(images, labels, strict=True)
    ]
    expected = [
        (np.asarray(Image.open(path)).tobytes(), path.parent.name) for path in folder.rglob("*.png")
    ]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("validation", ["validation", "val"])
def test_train_validation_and_test_folders_are_kept(
    make_images: MakeImages, validation: str
) -> None:
    make_images("photos/train", count=6)
    make_images(f"photos/{validation}", count=2)
    folder = make_images("photos/test", count=3).parent

    dataset = open_dataset(str(folder))

    assert dataset.facts()["examples"] == {"train": 12, "validation": 4, "test": 6}


def test_a_train_folder_alone_is_split(make_images: MakeImages) -> None:
    folder = make_images("photos/train", count=10).parent

    assert open_dataset(str(folder)).facts()["examples"] == {
        "train": 14,
        "validation": 2,
        "test": 4,
    }


def test_the_test_images_stay_for_another_seed_and_place(
    make_images: MakeImages, tmp_path: Path
) -> None:
    folder = make_images(count=20)
    moved = tmp_path / "moved"
    shutil.copytree(folder, moved)

    one, two = open_dataset(str(folder), seed=1), open_dataset(str(moved), seed=2)

    assert np.array_equal(one.x_test, two.x_test)
    assert not np.array_equal(one.x_validation, two.x_validation)
    assert one.fingerprint == two.fingerprint


def test_another_pixel_is_another_fingerprint(make_images: MakeImages) -> None:
    folder = make_images()
    before = open_dataset(str(folder)).fingerprint
    _save(folder / "cat" / "0.png")

    assert open_dataset(str(folder)).fingerprint != before


def test_grey_images_have_one_channel_unless_one_is_coloured(make_images: MakeImages) -> None:
    folder = make_images(mode="L")

    assert open_dataset(str(folder)).shape == (4, 6, 1)

    _save(folder / "cat" / "0.png")
    assert open_dataset(str(folder)).shape == (4, 6, 3)


def test_mixed_shapes_need_a_size(make_images: MakeImages) -> None:
    folder = make_images()
    wide = _save(folder / "dog" / "wide.png", (9, 5))

    with pytest.raises(DataError) as raised:
        open_dataset(str(folder))

    message = str(raised.value)
    assert "--set data.image_size=96" in message
    assert "10 of 4x6" in message
    assert f"1 of 5x9, such as {wide}" in message
    assert open_dataset(str(folder), image_size=3).shape == (3, 3, 3)


def test_what_is_no_image_is_left_out_and_named(make_images: MakeImages) -> None:
    folder = make_images()
    (folder / "cat" / "notes.txt").write_text("a cat")
    (folder / "cat" / ".hidden.png").write_text("not looked at")
    (folder / ".git").mkdir()
    (folder / "readme.md").write_text("photos")

    notes = " ".join(open_dataset(str(folder)).notes)

    assert "2 files or folders left out, not images: readme.md, cat/notes.txt" in notes


def test_images_deeper_in_a_class_folder_belong_to_it(make_images: MakeImages) -> None:
    folder = make_images()
    _save(folder / "cat" / "2024" / "may" / "new.PNG")

    assert open_dataset(str(folder)).facts()["class_counts"]["cat"]["train"] == 4


def test_an_image_on_both_sides_of_the_test_is_told(make_images: MakeImages) -> None:
    make_images("photos/train")
    folder = make_images("photos/test").parent
    shutil.copy(folder / "train" / "cat" / "0.png", folder / "test" / "cat" / "copy.png")

    notes = " ".join(open_dataset(str(folder)).notes)

    assert "1 test image is in train or validation too" in notes


def test_a_licence_beside_the_images_is_pointed_to(make_images: MakeImages) -> None:
    folder = make_images()
    (folder / "LICENSE").write_text("CC0")

    assert open_dataset(str(folder)).licence == f"see {folder / 'LICENSE'}"


@pytest.mark.parametrize("share", [0.0, 0.2, 0.6, 0.9])
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".gif", ".bmp"])
def test_a_truncated_image_is_named(make_images: MakeImages, suffix: str, share: float) -> None:
    folder = make_images(size=(60, 40))
    path = folder / "dog" / f"cut{suffix}"
    Image.effect_noise((60, 40), 90).convert("RGB").save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])

    with pytest.raises(DataError, match="1 image cannot be read") as raised:
        open_dataset(str(folder))

    assert f"{path}: " in str(raised.value)


def test_unreadable_images_are_told_at_once_whatever_is_wrong_and_sorted(
    make_images: MakeImages,
) -> None:
    folder = make_images(count=9)
    content = (folder / "cat" / "0.png").read_bytes()
    for name, damaged in (
        ("cat/1", b""),
        ("cat/2", b"no image"),
        ("cat/3", content[: len(content) // 2]),
        ("dog/1", content[: len(content) // 2]),
        ("dog/2", b"no image"),
        ("dog/3", b""),
    ):
        (folder / f"{name}.png").write_bytes(damaged)

    with pytest.raises(DataError) as raised:
        open_dataset(str(folder))

    empty, none = "the file is empty", "not an image, or damaged at its beginning"
    cut = "the file is damaged: its end is missing"
    assert str(raised.value).replace(f"{folder}/", "").split("\n") == [
        "6 images cannot be read",
        f"  cat/1.png: {empty}",
        f"  cat/2.png: {none}",
        f"  cat/3.png: {cut}",
        f"  dog/1.png: {cut}",
        f"  dog/2.png: {none}",
        f"  dog/3.png: {empty}",
        "  repair or remove them",
    ]


def test_of_many_unreadable_images_twenty_are_named(make_images: MakeImages) -> None:
    folder = make_images(count=22)
    for path in (folder / "cat").iterdir():
        path.write_text("no image")

    with pytest.raises(DataError, match="22 images cannot be read") as raised:
        open_dataset(str(folder))

    assert str(raised.value).count(".png: not an image, or damaged at its beginning\n") == 20
    assert "and 2 more" in str(raised.value)


def _remove(*names: str) -> Callable[[Path], None]:
    def remove(folder: Path) -> None:
        for name in names:
            shutil.rmtree(folder / name)

    return remove


def _move_images_up(folder: Path) -> None:
    for path in list((folder / "cat").iterdir()):
        path.rename(folder / path.name)
    _remove("cat", "dog")(folder)


def _split_without_train(folder: Path) -> None:
    (folder / "test").mkdir()
    for name in ("cat", "dog"):
        (folder / name).rename(folder / "test" / name)


def _two_validations(folder: Path) -> None:
    for name in ("train", "val", "validation"):
        (folder / name).mkdir()


def _other_class_in_test(folder: Path) -> None:
    for split in ("train", "test"):
        shutil.copytree(folder / "cat", folder / split / "cat")
        shutil.copytree(folder / "dog", folder / split / ("dog" if split == "train" else "bird"))


def _unlabelled_test(folder: Path) -> None:
    shutil.copytree(folder / "cat", folder / "train" / "cat")
    shutil.copytree(folder / "dog", folder / "train" / "dog")
    shutil.copytree(folder / "cat", folder / "test")


def _two_images_only(folder: Path) -> None:
    for name in ("2.png", "3.png", "4.png"):
        (folder / "dog" / name).unlink()


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "empty": (_remove("cat", "dog"), "holds no images; expected one sub-folder"),
    "one class": (_remove("dog"), r"one class only \(cat\)"),
    "no class folders": (_move_images_up, "holds images but no class folders"),
    "empty class": (lambda folder: (folder / "bird").mkdir(), "bird: class folder without images"),
    "no train": (_split_without_train, "has test/ but no train/"),
    "two validations": (_two_validations, "has val/ and validation/"),
    "other class": (_other_class_in_test, "test has no class folder dog, which train has"),
    "unlabelled test": (_unlabelled_test, "test: holds images but no class folders"),
    "too few": (_two_images_only, r"class 1 \(dog\) has 2 images in train; expected at least 3"),
}


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_laid_out_as_expected_is_refused(
    make_images: MakeImages, change: Callable[[Path], None], message: str
) -> None:
    folder = make_images()
    change(folder)

    with pytest.raises(DataError, match=message) as raised:
        open_dataset(str(folder))

    assert str(raised.value).startswith(str(folder))
