"""One document from several sources: the file, what it extends, and `--set` options."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from cnnsearch.errors import Problem, SpaceError
from cnnsearch.space.places import Path, Place, Written, dotted, refuse
from cnnsearch.space.shipped import shipped_spaces
from cnnsearch.space.spelling import did_you_mean
from cnnsearch.space.yaml_file import parse_yaml, read_yaml

LEAF_KEYS = frozenset({"values", "min", "max"})
REPLACED_WHOLE = frozenset({("objectives",)})  # its keys exclude each other
OVERRIDE = "--set"


@dataclass(frozen=True)
class Document:
    """Plain values after `extends` and overrides, and where each was written."""

    source: str
    content: dict[str, Any]
    written: dict[Path, Written]


def read_document(source: str | FilePath, overrides: Sequence[str] = ()) -> Document:
    """Read a search space by path or shipped name, with all it extends and all overrides.

    Raises:
        SpaceError: A file cannot be read, or `extends` leads nowhere or in a circle.
    """
    file = find_space(source)
    document = _extended(file, (), _display(file))
    for override in overrides:
        document = _overridden(document, override)
    return document


def find_space(source: str | FilePath) -> FilePath:
    """Return the file for a path or a shipped name.

    Raises:
        SpaceError: There is neither.
    """
    file, shipped = FilePath(source), shipped_spaces()
    if _is_file(file):
        return file
    if str(source) in shipped:
        return shipped[str(source)]
    place = Place(str(source))
    if os.path.isdir(file):  # noqa: PTH112  # unlike Path.is_dir, it never raises
        raise refuse(str(source), place, "is a folder; name a YAML file in it")
    hint = did_you_mean(str(source), [*shipped, *map(str, _beside(file))])
    raise refuse(
        str(source), place, f"no such file, and no search space is shipped by that name{hint}"
    )


def _is_file(file: FilePath) -> bool:
    return os.path.isfile(file)  # noqa: PTH113  # unlike Path.is_file, it never raises


def _beside(file: FilePath) -> list[FilePath]:
    try:
        return [*file.parent.glob("*.yaml"), *file.parent.glob("*.yml")]
    except OSError:
        return []


def _display(file: FilePath) -> str:
    relative = os.path.relpath(file)
    return str(file) if relative.startswith("..") else relative


def _extended(file: FilePath, chain: tuple[FilePath, ...], top: str) -> Document:
    own = read_yaml(file, _display(file))
    base_name = own.content.pop("extends", None)
    default_name = file.stem
    if base_name is None:
        content = {"name": default_name, **own.content}
        return Document(own.source, content, own.written)
    place = own.written[("extends",)].value
    base_file = _find_base(base_name, file, top, place)
    chain = (*chain, file.resolve())
    if base_file.resolve() in chain:
        circle = [*chain[chain.index(base_file.resolve()) :], base_file.resolve()]
        names = " -> ".join(link.name for link in circle)
        raise refuse(top, place, f"goes in a circle: {names}", "extends")
    base = _extended(base_file, chain, top)
    content = _merge(base.content, {"name": default_name, **own.content}, ())  # no inherited name
    return Document(own.source, content, {**base.written, **own.written})


def _find_base(name: object, file: FilePath, top: str, place: Place) -> FilePath:
    shipped = shipped_spaces()
    if not isinstance(name, str) or not name:
        text = "expected the name of a shipped search space or the path of a file"
        raise refuse(top, place, text, "extends")
    if _is_file(file.parent / name):
        return file.parent / name
    if name in shipped:
        return shipped[name]
    beside = [str(path.relative_to(file.parent)) for path in _beside(file) if path != file]
    hint = did_you_mean(name, [*shipped, *beside])
    raise refuse(
        top, place, f"no search space `{name}`, shipped or beside this file{hint}", "extends"
    )


def _merge(base: Any, over: Any, path: Path) -> Any:
    """Return `over` on top of `base`: mappings deeply; a leaf, a list or a value wholly."""
    mappings = isinstance(base, dict) and isinstance(over, dict)
    if not mappings or path in REPLACED_WHOLE or LEAF_KEYS & over.keys():
        return over
    both = {
        key: _merge(base[key], value, (*path, key)) if key in base else value
        for key, value in over.items()
    }
    return {**base, **both}


def _overridden(document: Document, override: str) -> Document:
    """Return the document with one `a.b.c=VALUE` put over it."""
    source, place = document.source, Place(OVERRIDE)
    name, equals, text = override.partition("=")
    keys = name.strip().split(".")
    if not equals or not all(keys):
        raise refuse(source, place, f"expected `path.to.setting=value`, not `{override}`")
    try:
        value, parts = parse_yaml(text, OVERRIDE)
    except SpaceError as error:
        faults = [Problem(OVERRIDE, name, problem.message) for problem in error.problems]
        raise SpaceError(source, faults) from error
    content, path = _put(document, keys, value, place)
    here = Written(place, place)
    written = {**{path[:length]: here for length in range(1, len(path))}, **document.written}
    written |= {path: here, **{(*path, *part): here for part in parts}}
    return Document(source, content, written)


def _put(document: Document, keys: list[str], value: Any, place: Place) -> tuple[Any, Path]:
    """Return the content with `value` merged in at `keys`, and the path that they mean."""

    def put(base: Any, path: Path, rest: list[str]) -> tuple[Any, Path]:
        if not rest:
            return _merge(base, value, path), path
        if isinstance(base, list):
            key: str | int = _index(base, path, rest[0])
            inner, full = put(base[int(key)], (*path, key), rest[1:])
            return [inner if index == key else item for index, item in enumerate(base)], full
        key, mapping = rest[0], base if isinstance(base, dict) else {}
        inner, full = put(mapping.get(key), (*path, key), rest[1:])
        return {**mapping, key: inner}, full

    def _index(rows: list[Any], path: Path, word: str) -> int:
        if word.isascii() and word.isdigit() and int(word) < len(rows):
            return int(word)
        text = f"expected a number from 0 to {len(rows) - 1}, not `{word}`"
        raise refuse(document.source, place, text, dotted((*path, word)))

    return put(document.content, (), keys)
