"""Writes that are whole or did not happen, and reads that forgive a cut last line."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

PARTIAL = ".partial"  # how the name of what is not whole yet ends


def write_bytes(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one step: a reader sees the old file or the new one."""
    with writing(path) as file:
        file.write(content)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that takes the place of `path` when all of it is written, and only then."""
    with _beside(path) as (file, temporary):
        yield file
    try:
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def staged(contents: Mapping[Path, bytes]) -> Iterator[dict[Path, Path]]:
    """Write each content beside its path, and yield where, for the caller to put it in its place.

    What belongs together is on the disk before the first file of before gives way. Whatever is not
    put in its place is removed.
    """
    written: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            written[path] = _write_beside(path, content)
        yield written
    finally:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)


def _write_beside(path: Path, content: bytes) -> Path:
    with _beside(path) as (file, temporary):
        file.write(content)
    return temporary


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Yield a new file in the folder of `path`, and where it is; at the end it is on the disk."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PARTIAL)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file, temporary
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)  # mkstemp keeps others out; a run is for the team to read
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def remove_partial(folder: Path) -> None:
    """Remove what killed processes were writing in `folder`; nobody may write there now."""
    for path in folder.glob(f".*{PARTIAL}"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> None:
    """Replace `path` by `content` as indented JSON, in one step."""
    write_bytes(path, (json.dumps(content, indent=2, allow_nan=False) + "\n").encode())


def append_json_line(path: Path, content: Any) -> None:
    """Append `content` as one line of JSON, on a line of its own even after a cut write."""
    cut = not ends_with_newline(path) if path.exists() else False
    with path.open("ab") as file:
        if cut:
            file.write(b"\n")
        file.write((json.dumps(content, separators=(",", ":")) + "\n").encode())


def read_json_lines(path: Path) -> Iterator[Any]:
    """Yield every whole line of `path`; a line that a crash cut short is passed over."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:  # cut by a crash, or still being written
                continue


def cut_broken_tail(path: Path) -> int:
    """Cut off what a crash left half-written at the end of a file of JSON lines.

    Returns:
        The number of bytes removed (0 for a sound file).
    """
    content = path.read_bytes()
    sound = len(content)
    while sound:
        start = content.rfind(b"\n", 0, sound - 1) + 1
        if content[sound - 1 : sound] == b"\n" and _is_json(content[start:sound]):
            break
        sound = start
    if sound < len(content):
        os.truncate(path, sound)
    return len(content) - sound


def ends_with_newline(path: Path) -> bool:
    """Tell whether the last line of `path` is whole, as far as its end tells; an empty file is."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
