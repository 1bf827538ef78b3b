"""Which images a folder holds: one sub-folder a class, perhaps below `train/` and `test/`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cnnsearch.errors import DataError

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".avif"}
    | {".pgm", ".ppm", ".pbm", ".pnm"}
)
SPLIT_FOLDERS = {"train": "train", "validation": "validation", "val": "validation", "test": "test"}
LAYOUT = (
    "expected one sub-folder of images a class, or train/ (and perhaps validation/ and test/) "
    "with these sub-folders in each"
)
NAMED = 3  # how many of the files left out are named


@dataclass(frozen=True)
class ImageFile:
    """One image: where it is, its class, and what tells whether it has changed."""

    path: Path
    relative: str  # to the dataset's folder, with slashes
    label: int
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True)
class Listing:
    """The images of a folder, sorted by path in each split."""

    root: Path
    classes: tuple[str, ...]
    files: dict[str, list[ImageFile]]  # "train" holds all where the folder has no splits
    left_out: tuple[str, ...]  # relative paths of what is not an image

    def note(self) -> str:
        """Say what was left out; empty where nothing was."""
        if not self.left_out:
            return ""
        more = ", ..." if len(self.left_out) > NAMED else ""
        named = ", ".join(self.left_out[:NAMED]) + more
        count = len(self.left_out)
        what = "1 file or folder" if count == 1 else f"{count:,} files or folders"
        return f"{what} left out, not images: {named}"


def list_folder(root: Path) -> Listing:
    """Find the images of a dataset's folder and their classes.

    Hidden files and files that are no images by their suffix are left out.

    Raises:
        DataError: The folder cannot be read, is empty, or is not laid out as expected.
    """
    try:
        return _list_folder(root)
    except OSError as error:
        raise DataError(f"{error.filename or root}: cannot be read ({error.strerror})") from error


def _list_folder(root: Path) -> Listing:
    folders, left_out = _children(root)
    splits = _split_folders(root, folders)
    if splits:
        left_out += [name for name in folders if name not in splits.values()]
    class_names = {split: _class_names(root / folder) for split, folder in splits.items()}
    classes = class_names.get("train") or _class_names(root)
    _check_same_classes(root, class_names)
    files: dict[str, list[ImageFile]] = {}
    for split, folder in (splits or {"train": "."}).items():
        files[split] = []
        for label, name in enumerate(classes):
            found = _images(root, root / folder / name, label, left_out)
            if not found:
                raise DataError(_no_images(root / folder / name))
            files[split] += found
    return Listing(root, tuple(printable(name) for name in classes), files, tuple(left_out))


def _children(folder: Path) -> tuple[list[str], list[str]]:
    """Return the names of the sub-folders and of the files, sorted, without the hidden ones."""
    names = sorted(path.name for path in folder.iterdir() if not _hidden(path.name))
    folders = [name for name in names if (folder / name).is_dir()]
    return folders, [printable(name) for name in names if name not in set(folders)]


def _hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"  # the latter: what macOS adds to archives


def _split_folders(root: Path, folders: list[str]) -> dict[str, str]:
    """Return the folder of each split, train first; empty where the sub-folders are classes."""
    found = [name for name in SPLIT_FOLDERS if name in folders]
    if "train" in found:
        splits = {SPLIT_FOLDERS[name]: name for name in found}
        if len(splits) < len(found):
            raise DataError(f"{root}: has val/ and validation/; expected one of them")
        return splits
    if found and len(found) == len(folders):
        raise DataError(f"{root}: has {found[0]}/ but no train/; {LAYOUT}")
    return {}


def _class_names(folder: Path) -> list[str]:
    """Return the names of the class folders, sorted."""
    classes, files = _children(folder)
    if not classes and any(Path(name).suffix.lower() in SUFFIXES for name in files):
        raise DataError(f"{folder}: holds images but no class folders; {LAYOUT}")
    if not classes:
        raise DataError(f"{folder}: holds no images; {LAYOUT}")
    if len(classes) == 1:
        raise DataError(f"{folder}: has one class only ({printable(classes[0])}); {LAYOUT}")
    return classes


def _check_same_classes(root: Path, class_names: dict[str, list[str]]) -> None:
    """Raise where the splits do not have the same class folders."""
    for split, names in class_names.items():
        expected = class_names["train"]
        for lacking, difference in ((split, expected), ("train", names)):
            other = names if lacking == split else expected
            missing = sorted(set(difference) - set(other))
            if missing:
                raise DataError(
                    f"{root}: {lacking} has no class folder {printable(missing[0])}, which "
                    f"{'train' if lacking == split else split} has; expected the same in each split"
                )


def _images(root: Path, folder: Path, label: int, left_out: list[str]) -> list[ImageFile]:
    """Return the images below a class folder, at any depth; add what is none to `left_out`."""
    found = []
    for path in walk(folder):
        relative = path.relative_to(root).as_posix()
        if path.suffix.lower() not in SUFFIXES:
            left_out.append(printable(relative))
            continue
        facts = path.stat()
        found.append(ImageFile(path, relative, label, facts.st_size, facts.st_mtime_ns))
    return found


def walk(folder: Path) -> Iterator[Path]:
    """Give the files below a folder in order, without the hidden ones."""
    for where, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = sorted(name for name in folders if not _hidden(name))
        for name in sorted(files):
            if not _hidden(name):
                yield Path(where) / name


def _no_images(folder: Path) -> str:
    return (
        f"{folder}: class folder without images (of the kinds {' '.join(sorted(SUFFIXES))}); "
        "fill it, remove it, or hide it by a name that begins with a dot"
    )


def _raise(error: OSError) -> None:
    raise error


def printable(name: str) -> str:
    """Return a file name that can be printed, whatever bytes it has."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
