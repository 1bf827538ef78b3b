from __future__ import annotations

import contextlib
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.data import archives
from cnnsearch.data.archives import read_archive
from cnnsearch.errors import DataError


def _npz() -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, x=np.arange(64, dtype=np.uint8).reshape(4, 4, 4), y=np.arange(4))
    return file.getvalue()


def _npy_header(shape: tuple[int, ...]) -> bytes:
    file = io.BytesIO()
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue()


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.npz"
    path.write_text("not an archive")

    with pytest.raises(DataError, match=r"not an \.npz, or truncated"):
        read_archive(path)


def test_an_array_beyond_memory_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, x=np.zeros((1000, 100, 100), np.uint8), y=np.zeros(1000))
    monkeypatch.setattr(archives, "memory_limit_bytes", lambda: 1 << 20)
    monkeypatch.setattr(np.lib.format, "read_array", pytest.fail)

    with pytest.raises(DataError, match="more than this machine or container takes"):
        read_archive(path)


def test_an_array_shorter_than_its_header_says_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", _npy_header((10**6, 10**6, 10**6)) + b"little")
        archive.writestr("y.npy", _npy_header((1,)) + b"1")

    with pytest.raises(DataError, match="announces 1,000,000,000,000,000,000 bytes"):
        read_archive(path)


def test_a_member_that_is_no_array_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", "some text, not an array")
        archive.writestr("y.npy", "some text, not an array")

    with pytest.raises(DataError, match="cannot be read"):
        read_archive(path)


@given(st.integers(0, 10**6), st.integers(1, 255), st.booleans())
def test_a_damaged_file_is_read_right_or_refused_but_never_worse(
    tmp_path_factory: pytest.TempPathFactory, place: int, change: int, cut: bool
) -> None:
    content = bytearray(_npz())
    place %= len(content)
    content[place] ^= change
    path = tmp_path_factory.mktemp("damaged") / "damaged.npz"
    path.write_bytes(content[:place] if cut else content)

    arrays = {}
    with contextlib.suppress(DataError):
        arrays = read_archive(path)

    assert set(arrays) in ({"x", "y"}, set())
