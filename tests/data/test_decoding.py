"""Images decoded once: what the cache keeps, and what it never breaks."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnsearch.data import cache, decoding, open_dataset
from cnnsearch.errors import DataError

MakeImages = Callable[..., Path]


def _entries(home: Path) -> list[Path]:
    root = home / "cnnsearch" / "images"
    return sorted(root.iterdir()) if root.exists() else []


def _forbid_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "decode", lambda *_, **__: pytest.fail("decoded again"))


def test_the_second_time_nothing_is_decoded(
    make_images: MakeImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_images()
    first = open_dataset(str(folder))
    _forbid_decoding(monkeypatch)

    second = open_dataset(str(folder))

    assert isinstance(second.x_train, np.memmap)
    assert np.array_equal(first.x_train, second.x_train)
    assert first.facts() == second.facts()


def test_a_changed_image_is_decoded_again(make_images: MakeImages) -> None:
    folder = make_images()
    open_dataset(str(folder))
    for path in folder.rglob("*.png"):
        Image.new("RGB", (6, 4), "white").save(path)

    assert (open_dataset(str(folder)).x_train == 255).all()


def test_the_cache_keeps_the_latest_four(make_images: MakeImages, cache_home: Path) -> None:
    folder = make_images()
    ages: list[tuple[Path, int]] = []
    for size in range(2, 9):
        open_dataset(str(folder), image_size=size)
        (newest,) = set(_entries(cache_home)) - {entry for entry, _ in ages}
        ages.append((newest, size))
        for entry, age in ages:
            if entry.exists():
                os.utime(entry, (age, age))

    shapes = {np.load(entry / "images.npy").shape[1] for entry in _entries(cache_home)}
    assert shapes == {5, 6, 7, 8}


def test_a_damaged_entry_is_made_again(make_images: MakeImages, cache_home: Path) -> None:
    folder = make_images()
    expected = open_dataset(str(folder)).x_train
    (entry,) = _entries(cache_home)
    (entry / "images.npy").write_bytes((entry / "images.npy").read_bytes()[:200])

    assert np.array_equal(open_dataset(str(folder)).x_train, expected)
    assert np.load(entry / "images.npy").shape == (10, 4, 6, 3)


def test_an_entry_without_its_facts_is_made_again(
    make_images: MakeImages, cache_home: Path
) -> None:
    folder = make_images()
    fingerprint = open_dataset(str(folder)).fingerprint
    (entry,) = _entries(cache_home)
    (entry / "facts.json").write_text("{}")

    assert open_dataset(str(folder)).fingerprint == fingerprint


@pytest.mark.parametrize("limit", [0, 1 << 30], ids=["large", "small"])
def test_without_a_cache_the_images_are_the_same(
    make_images: MakeImages, cache_home: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    folder = make_images()
    expected = open_dataset(str(folder)).x_train
    monkeypatch.setattr(decoding, "IN_MEMORY_BYTES", limit)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_home.parent / "a-file"))
    (cache_home.parent / "a-file").write_text("where a folder should be")

    assert np.array_equal(open_dataset(str(folder)).x_train, expected)


def test_a_disk_that_fills_up_loses_the_cache_only(
    make_images: MakeImages, cache_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_images()

    def disk_full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "_write_header", disk_full)
    monkeypatch.setattr(decoding, "IN_MEMORY_BYTES", 0)

    assert len(open_dataset(str(folder)).x_train) == 6
    assert _entries(cache_home) == []


def test_large_data_is_decoded_onto_the_disk_the_same(
    make_images: MakeImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_images(count=9)
    in_memory = open_dataset(str(folder))
    monkeypatch.setattr(decoding, "IN_MEMORY_BYTES", 0)
    monkeypatch.setattr(decoding, "BLOCK", 4)
    monkeypatch.setattr(decoding, "FORMAT", "another entry")

    on_disk = open_dataset(str(folder))

    assert isinstance(on_disk.x_train, np.memmap)
    assert np.array_equal(in_memory.x_train, on_disk.x_train)
    assert in_memory.facts() == on_disk.facts()


def test_more_than_disk_and_memory_hold_is_refused(
    make_images: MakeImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_images()
    monkeypatch.setattr(decoding, "memory_limit_bytes", lambda: 10)

    with pytest.raises(DataError, match=r"10 images of 4x6x3 .* --set data\.image_size=96"):
        open_dataset(str(folder))


def test_progress_ends_with_all_images(make_images: MakeImages) -> None:
    told: list[tuple[int, int]] = []

    open_dataset(str(make_images()), progress=lambda done, total: told.append((done, total)))

    assert told[-1] == (10, 10)
