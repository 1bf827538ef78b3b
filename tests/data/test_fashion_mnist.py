"""Fashion-MNIST's files: where they are looked for, and how they are read."""

from __future__ import annotations

import gzip
import hashlib
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnsearch.data import fashion_mnist, read_card
from cnnsearch.data.fashion_mnist import FILES, find_files, read_arrays
from cnnsearch.data.idx import parse_idx, unpack
from cnnsearch.errors import DataError


def _idx(array: np.ndarray) -> bytes:
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes((0, 0, 8, array.ndim)) + sizes + array.astype(np.uint8).tobytes()


def _put(folder: Path) -> dict[str, str]:
    """Write four small files; return the sha256 of each, unpacked."""
    folder.mkdir(parents=True, exist_ok=True)
    digests = {}
    for index, name in enumerate(FILES):
        shape = (6, 3, 3) if "images" in name else (6,)
        content = _idx(np.full(shape, index))
        (folder / name).write_bytes(gzip.compress(content))
        digests[name] = hashlib.sha256(content).hexdigest()
    return digests


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hide what is on this machine, and forbid downloads."""
    monkeypatch.delenv("FASHION_MNIST", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", tmp_path / "debian")
    monkeypatch.setattr(fashion_mnist, "DOWNLOAD", "raise OSError('no network')")
    monkeypatch.setattr(fashion_mnist, "FALLBACK", tmp_path / "fallback")
    return tmp_path


def test_keras_copy_is_found_before_debian_s(home: Path) -> None:
    _put(home / "debian")
    assert find_files() == home / "debian"

    _put(home / "keras" / "datasets" / "fashion-mnist")
    assert find_files() == home / "keras" / "datasets" / "fashion-mnist"


def test_the_folder_named_by_the_user_is_found_first(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(home / "debian")
    _put(home / "own")
    monkeypatch.setenv("FASHION_MNIST", str(home / "own"))

    assert find_files() == home / "own"


def test_a_named_folder_without_the_files_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(home / "debian")
    monkeypatch.setenv("FASHION_MNIST", str(home / "typo"))

    with pytest.raises(DataError, match=r"FASHION_MNIST=.*typo: no train-images"):
        find_files()


def test_without_data_and_network_all_three_ways_are_named(home: Path) -> None:
    with pytest.raises(DataError) as raised:
        read_arrays(read_card("fashion-mnist"))

    message = str(raised.value)
    assert str(home / "keras" / "datasets" / "fashion-mnist") in message
    assert "apt install dataset-fashion-mnist" in message
    assert "failed: OSError: no network" in message


def test_what_keras_downloads_is_used(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(home / "downloaded")
    target = home / "keras" / "datasets" / "fashion-mnist"
    copy = f"import shutil; shutil.copytree({str(home / 'downloaded')!r}, {str(target)!r})"
    monkeypatch.setattr(fashion_mnist, "DOWNLOAD", copy)

    assert fashion_mnist.locate() == target


def test_the_arrays_are_those_of_the_files(home: Path) -> None:
    card = replace(read_card("fashion-mnist"), sha256=_put(home / "debian"))

    folder, arrays = read_arrays(card)

    assert folder == home / "debian"
    assert {key: array.shape for key, array in arrays.items()} == {
        "x_train": (6, 3, 3),
        "y_train": (6,),
        "x_test": (6, 3, 3),
        "y_test": (6,),
    }
    assert (arrays["x_test"] == 2).all()


def test_other_data_in_its_place_is_refused(home: Path) -> None:
    _put(home / "debian")

    with pytest.raises(DataError, match=r"gz: not the published Fashion-MNIST"):
        read_arrays(read_card("fashion-mnist"))


@pytest.mark.parametrize("keep", [0, 5, 30, -4])
def test_a_truncated_file_is_refused(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(_idx(np.arange(60).reshape(5, 12)))[:keep])

    with pytest.raises(DataError, match=r"cut\.gz"):
        parse_idx(unpack(path), path)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\0\x0d\x01", b"\0\0\x08\x03\0\0", _idx(np.zeros(9))[:-1], _idx(np.zeros(9)) + b"1"],
    ids=["empty", "floats", "half a header", "short", "long"],
)
def test_what_is_no_whole_idx_file_is_refused(content: bytes) -> None:
    with pytest.raises(DataError, match="delete it and fetch it again"):
        parse_idx(content, Path("some.gz"))
