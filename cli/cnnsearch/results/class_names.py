"""What a run's classes are called."""

from __future__ import annotations

from cnnsearch.records.folder import RunFolder


def class_names(folder: RunFolder, count: int) -> list[str]:
    """Return the names of the classes as exported, or their numbers where there are none."""
    try:
        names = (folder.export / "labels.txt").read_text(encoding="utf-8").split("\n")[:-1]
    except (OSError, ValueError):
        names = []
    return names if len(names) == count else [str(number) for number in range(count)]
