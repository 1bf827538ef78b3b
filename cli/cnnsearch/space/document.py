"""One document from several sources: the file, what it extends, and `--set` options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from cnnsearch.errors import SpaceError
from cnnsearch.space.finding import beside, display, find_space, is_file
from cnnsearch.space.places import Fault, Path, Place, Written, dotted
from cnnsearch.space.settings import NetworkSection
from cnnsearch.space.shipped import shipped_spaces
from cnnsearch.space.spelling import did_you_mean, stem
from cnnsearch.space.yaml_file import parse_yaml, read_yaml

LEAF_KEYS = frozenset({"values", "min", "max"})
REPLACED_WHOLE = frozenset({("objectives",)})  # its scores exclude each other
STAGES: Path = ("architecture", "stages")
MAY_BE_NULL = frozenset(  # sections that null takes away
    ("architecture", name)
    for name, field in NetworkSection.model_fields.items()
    if field.default is None
)
IS_EMPTY = "is empty; leave it out to keep what is inherited"


@dataclass(frozen=True)
class Override:
    """One value over those of the file, such as `budget.time=10m`, and the option that gave it."""

    text: str
    option: str = "--set"


@dataclass(frozen=True)
class Document:
    """Plain values after `extends` and overrides, and where each was written.

    `title` is what the user called it, `source` its file. `faults` were found on the way; without
    `complete`, what it extends was not found.
    """

    title: str
    source: str
    content: dict[str, Any]
    written: dict[Path, Written]
    faults: tuple[Fault, ...] = ()
    complete: bool = True

    def with_faults(self, *faults: Fault) -> Document:
        """Return the document with more faults."""
        return replace(self, faults=(*self.faults, *faults))


def read_document(source: str | FilePath, overrides: Sequence[str | Override] = ()) -> Document:
    """Read a search space by path or shipped name, with all it extends and all overrides.

    Raises:
        SpaceError: A file cannot be read.
    """
    file = find_space(source)
    document = _extended(file, ())
    if not is_file(FilePath(source)):
        document = replace(document, title=str(source))
    for override in overrides:
        given = Override(override) if isinstance(override, str) else override
        document = _overridden(document, given)
    return document


def _extended(file: FilePath, chain: tuple[FilePath, ...]) -> Document:
    own = read_yaml(file, display(file))
    base_name = own.content.pop("extends", None)
    content = {"name": file.stem, **own.content}  # a name is not inherited
    document = Document(own.source, own.source, content, own.written)
    if base_name is None:
        return document
    chain = (*chain, file.resolve())
    try:
        base_file = _find_base(base_name, file, chain)
    except ValueError as error:
        fault = (own.written[("extends",)].value, "extends", str(error))
        return replace(document.with_faults(fault), complete=False)
    return _over(_extended(base_file, chain), document)


def _over(base: Document, document: Document) -> Document:
    """Return a document on top of what it extends."""
    merged, empty = _merge(base.content, document.content, ())
    faults = [(document.written[path].key, dotted(path), IS_EMPTY) for path in empty]
    return replace(
        document.with_faults(*faults, *base.faults),
        content=merged,
        written={**base.written, **document.written},
        complete=base.complete,
    )


def _find_base(name: object, file: FilePath, chain: tuple[FilePath, ...]) -> FilePath:
    """Return the file that `extends` means; `chain` holds the files that led here.

    Raises:
        ValueError: There is none, or it is in the chain.
    """
    shipped = shipped_spaces()
    if not isinstance(name, str) or not name:
        raise ValueError("expected the name of a shipped search space or the path of a file")
    base = file.parent / name if is_file(file.parent / name) else shipped.get(name)
    if base is None:
        near = [str(path.relative_to(file.parent)) for path in beside(file) if path != file]
        hint = did_you_mean(name, [*near, *shipped], stem)
        raise ValueError(f"no search space `{name}`, shipped or beside this file{hint}")
    if (resolved := base.resolve()) in chain:
        circle = [*chain[chain.index(resolved) :], resolved]
        raise ValueError(f"goes in a circle: {' -> '.join(link.name for link in circle)}")
    return base


def _merge(base: Any, over: Any, path: Path) -> tuple[Any, list[Path]]:
    """Return `over` on top of `base`: mappings deeply; a leaf, a list or a value wholly.

    Beside it, the paths at which nothing would take the place of an inherited section.
    """
    if over is None and _is_section(base, path):
        return base, [path]
    mappings = isinstance(base, dict) and isinstance(over, dict)
    if not mappings or path in REPLACED_WHOLE or _is_leaf(over, path):
        return over, []
    merged, empty = dict(base), []
    for key, value in over.items():
        inner = _merge(base[key], value, (*path, key)) if key in base else (value, [])
        merged[key] = inner[0]
        empty += inner[1]
    return merged, empty


def _is_section(base: Any, path: Path) -> bool:
    if path == STAGES:
        return isinstance(base, dict | list)
    return isinstance(base, dict) and not _is_leaf(base, path) and path not in MAY_BE_NULL


def _is_leaf(mapping: dict[str, Any], path: Path) -> bool:
    """Tell whether a mapping is what a setting may be; `min` and `max` of the gate are limits."""
    return bool(LEAF_KEYS & mapping.keys()) and path[:1] != ("gate",)


def _overridden(document: Document, override: Override) -> Document:
    """Return the document with one `a.b.c=VALUE` put over it."""
    place = Place(override.option)
    name, equals, text = override.text.partition("=")
    name = name.strip()
    keys = name.split(".")
    if not equals or not all(keys):
        message = f"expected `path.to.setting=value`, not `{override.text}`"
        return document.with_faults((place, "", message))
    if name == "extends":
        message = "cannot be set; name the search space itself: `cnnsearch run NAME`"
        return document.with_faults((place, name, message))
    if not document.complete and any(key.isdigit() for key in keys):
        return document  # whether there is such a row, only the missing base can tell
    try:
        value, parts = parse_yaml(text, override.option)
    except SpaceError as error:
        return document.with_faults(*((place, name, each.message) for each in error.problems))
    try:
        content, path, empty = _put(document.content, keys, value)
    except NoSuchRowError as error:
        return document.with_faults((place, dotted(error.path), str(error)))
    here = Written(place, place)
    written = {**{path[:length]: here for length in range(1, len(path))}, **document.written}
    written |= {path: here, **{(*path, *part): here for part in parts}}
    faults = [(place, dotted(each), IS_EMPTY) for each in empty]
    return replace(document.with_faults(*faults), content=content, written=written)


class NoSuchRowError(ValueError):
    """A list has no row of that number; `path` is as it was given."""

    def __init__(self, path: Path, count: int) -> None:
        super().__init__(f"expected a number from 0 to {count - 1}, not `{path[-1]}`")
        self.path = path


def _put(content: Any, keys: list[str], value: Any) -> tuple[Any, Path, list[Path]]:
    """Return the content with `value` merged in at `keys`, the path they mean, and what is empty.

    Raises:
        NoSuchRowError: A key leads beyond a list.
    """

    def put(base: Any, path: Path, rest: list[str]) -> tuple[Any, Path, list[Path]]:
        if not rest:
            merged, empty = _merge(base, value, path)
            return merged, path, empty
        if isinstance(base, list):
            index = _index(base, path, rest[0])
            inner, full, empty = put(base[index], (*path, index), rest[1:])
            return [*base[:index], inner, *base[index + 1 :]], full, empty
        key, mapping = rest[0], base if isinstance(base, dict) else {}
        inner, full, empty = put(mapping.get(key), (*path, key), rest[1:])
        return {**mapping, key: inner}, full, empty

    return put(content, (), keys)


def _index(rows: list[Any], path: Path, word: str) -> int:
    if word.isascii() and word.isdigit() and int(word) < len(rows):
        return int(word)
    raise NoSuchRowError((*path, word), len(rows))
