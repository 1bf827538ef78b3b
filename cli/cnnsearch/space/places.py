"""Where each value of a document was written, so that every problem names its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from cnnsearch.errors import Problem, SpaceError

Path: TypeAlias = tuple[str | int, ...]  # ("architecture", "stages", 2, "width")


@dataclass(frozen=True, order=True)
class Place:
    """A position in a file (`line` and `column` from 1), or the name of another source alone."""

    source: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source


Fault: TypeAlias = tuple[Place, str, str]  # where, which setting, what is wrong


@dataclass(frozen=True)
class Written:
    """Where the key of a value and the value itself were written."""

    key: Place
    value: Place


@dataclass(frozen=True)
class Origin:
    """Where a document comes from: `title` is what the user calls it, `source` its file."""

    title: str
    source: str
    written: Mapping[Path, Written]

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Return where the value (or key) of `path` was written, else the section it is in."""
        for length in range(len(path), -1, -1):
            if (written := self.written.get(path[:length])) is not None:
                # What is missing is reported at the key of the section that should hold it.
                return written.key if key or length < len(path) else written.value
        return Place(self.source)

    def problems(self) -> Problems:
        """Return an empty collection of faults."""
        return Problems(self.title, self.source, self.written)


def dotted(path: Path) -> str:
    """Return a path as people write it: `architecture.stages.2.width`."""
    return ".".join(map(str, path))


@dataclass
class Problems:
    """Collects every fault of a document, to report them all at once.

    `title` is what the user calls the document, `source` the file whose faults come first. Where it
    is not `complete`, a base is missing, and with it perhaps what the file seems to lack.
    """

    title: str
    source: str
    written: Mapping[Path, Written]
    found: list[Fault] = field(default_factory=list)
    complete: bool = True

    def add(self, path: Path, message: str, *, at: Path | None = None, key: bool = False) -> None:
        """Note a fault of the setting `path`, at the value (or key) of `at`, else of `path`."""
        origin = Origin(self.title, self.source, self.written)
        place = origin.place(path if at is None else at, key=key)
        self.found.append((place, dotted(path), message))

    def add_missing(self, path: Path, message: str) -> None:
        """Note that `path` lacks something, unless a missing base may have it."""
        in_a_list = any(isinstance(step, int) for step in path)  # lists are never merged
        if self.complete or in_a_list:
            self.add(path, message)

    def raise_if_any(self, heading: str | None = None) -> None:
        """Raise SpaceError with all faults in the order of the file, if there are any."""
        if self.found:
            ordered = sorted(self.found, key=lambda fault: (fault[0].source != self.source, fault))
            unique = dict.fromkeys(Problem(str(place), path, text) for place, path, text in ordered)
            raise SpaceError(self.title, list(unique), heading)


def refuse(source: str, place: Place, message: str, path: str = "") -> SpaceError:
    """Return the error for one fault that ends the reading at once."""
    return SpaceError(source, [Problem(str(place), path, message)])
