"""A folder is replaced as a whole or stays as it was, whatever happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnsearch.exporting.replacing import replacing


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "old").write_text("old")
    return tmp_path / "export"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_new_folder_takes_the_place_of_the_old_one(target: Path) -> None:
    with replacing(target) as folder:
        (folder / "new").write_text("new")
        assert names(target) == {"old"}

    assert names(target) == {"new"}
    assert names(target.parent) == {"export"}


def test_where_nothing_was_a_folder_is_made(tmp_path: Path) -> None:
    with replacing(tmp_path / "a" / "b") as folder:
        (folder / "new").write_text("new")

    assert names(tmp_path / "a" / "b") == {"new"}


def test_an_error_leaves_the_old_one(target: Path) -> None:
    def fill() -> None:
        with replacing(target) as folder:
            (folder / "new").write_text("half")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fill()

    assert names(target) == {"old"}
    assert names(target.parent) == {"export"}


def test_a_rename_that_fails_leaves_the_old_one(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def failing(path: Path, to: Path) -> Path:
        if path.name.endswith(".partial"):
            raise OSError("no such luck")
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", failing)

    with pytest.raises(OSError, match="no such luck"), replacing(target):
        pass

    assert names(target) == {"old"}


def test_a_kill_between_the_renames_loses_nothing(target: Path) -> None:
    target.rename(target.with_name(".export.before"))
    target.with_name(".export.partial").mkdir()

    with pytest.raises(OSError, match="full"), replacing(target):
        raise OSError("full")

    assert names(target) == {"old"}
    assert names(target.parent) == {"export"}
