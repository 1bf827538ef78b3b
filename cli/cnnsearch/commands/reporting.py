"""What `cnnsearch report` writes and prints."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnsearch.records.folder import RunFolder

JSON_VERSION = 1


def write_page(folder: RunFolder, out: Path | None, *, with_pictures: bool, as_json: bool) -> None:
    """Write the page, and print where it is.

    Raises:
        RunError: The run is damaged or from another version.
        UsageError: The page cannot be written.
    """
    from cnnsearch.commands.printing import print_json
    from cnnsearch.results.pictures import pictures_of
    from cnnsearch.results.report import collect
    from cnnsearch.screen.report.page import page

    report = collect(folder)
    pictures = pictures_of(folder, report["evaluation"]) if with_pictures else None
    path = out or folder.path / "report.html"
    content = page(report, pictures).encode()
    _write(path, content)
    missing = {**report["missing"], **(pictures["missing"] if pictures else {})}
    if as_json:
        facts = {"path": str(path), "size_bytes": len(content), "missing": missing}
        print_json({"version": JSON_VERSION, **facts})
        return
    for reason in missing.values():
        print(f"Note: {reason}", file=sys.stderr)
    print(path)


def print_markdown(folder: RunFolder, out: Path | None, *, as_json: bool) -> None:
    """Print the short form, or write it where a file is named.

    Raises:
        RunError: The run is damaged or from another version.
        UsageError: The file cannot be written.
    """
    from cnnsearch.commands.printing import print_json
    from cnnsearch.results.report import collect
    from cnnsearch.screen.report.markdown import markdown

    report = collect(folder)
    text = markdown(report)
    if as_json:
        print_json({"version": JSON_VERSION, "markdown": text, "missing": report["missing"]})
    elif out is None:
        print(text, end="")
    if out is not None:
        _write(out, text.encode())


def _write(path: Path, content: bytes) -> None:
    from cnnsearch.errors import UsageError
    from cnnsearch.records.files import write_bytes

    if path.is_dir():
        raise UsageError(f"{path} is a folder: name the file to write with --out")
    try:
        write_bytes(path, content)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written ({error.strerror}); name another file with --out"
        ) from error
