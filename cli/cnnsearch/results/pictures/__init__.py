"""Pictures of what the winner took for what, and of where it looked.

They are made once, with the dataset and TensorFlow, and kept in the run folder under `pictures/`
with a `pictures.json` that tells what they show: a report is quick from then on.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from cnnsearch.errors import CnnsearchError
from cnnsearch.records.files import PARTIAL, write_bytes, write_json
from cnnsearch.records.folder import RunFolder
from cnnsearch.results.pictures.making import Made, make

PICTURES_VERSION = 1
FILE = "pictures.json"


def pictures_of(folder: RunFolder, evaluation: dict[str, Any] | None) -> dict[str, Any]:
    """Return the pictures of a run, made now if they are not there: PNG or JPEG in `content`.

    Returns:
        `mistakes` and `attention`, each a list, and `missing` with reasons, by these names.
    """
    if evaluation is None:
        return {"mistakes": [], "attention": [], "missing": {}}
    path = folder.path / "pictures"
    kept = _read(path, folder.test_predictions)
    if kept is not None:
        return kept
    try:
        made = make(folder, evaluation)
    except CnnsearchError as error:
        reason = f"Without the test images there are no pictures: {error}."
        return {"mistakes": [], "attention": [], "missing": {"pictures": reason}}
    try:
        _write(path, made, _stamp(folder.test_predictions))
    except OSError as error:
        reason = f"The pictures could not be kept in {path} ({error.strerror})"
        made.missing["kept"] = f"{reason}: the next report makes them again."
    return {"mistakes": made.mistakes, "attention": made.attention, "missing": made.missing}


def _read(path: Path, predictions: Path) -> dict[str, Any] | None:
    """Return the pictures that were kept; None where some are missing, or of other predictions."""
    try:
        found = json.loads((path / FILE).read_text(encoding="utf-8"))
        if found["version"] != PICTURES_VERSION or found["made_from"] != _stamp(predictions):
            return None
        for entry in (*found["mistakes"], *found["attention"]):
            for key in ("image", "overlay"):
                if key in entry:
                    name = Path(entry[key]).name  # within the folder, whatever the file says
                    entry[key] = {"name": name, "content": (path / name).read_bytes()}
        return {key: found[key] for key in ("mistakes", "attention", "missing")}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path, made: Made, stamp: str) -> None:
    partial = path.with_name(f".{path.name}{PARTIAL}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        document: dict[str, Any] = {"version": PICTURES_VERSION, "made_from": stamp}
        for kind, entries in (("mistakes", made.mistakes), ("attention", made.attention)):
            document[kind] = [_without_content(entry) for entry in entries]
            for entry in entries:
                for value in entry.values():
                    if isinstance(value, dict):
                        write_bytes(partial / value["name"], value["content"])
        write_json(partial / FILE, {**document, "missing": made.missing})
        shutil.rmtree(path, ignore_errors=True)
        partial.rename(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _without_content(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value["name"] if isinstance(value, dict) else value for key, value in entry.items()
    }


def _stamp(predictions: Path) -> str:
    """Return what tells these predictions from others."""
    import hashlib

    return hashlib.sha256(predictions.read_bytes()).hexdigest()
