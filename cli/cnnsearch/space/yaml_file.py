"""Safe, bounded YAML: plain values with the place of each, and nothing that runs or explodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml

from cnnsearch.errors import SpaceError
from cnnsearch.space.places import Path, Place, Written, refuse
from cnnsearch.space.scalars import plain_scalar
from cnnsearch.space.syntax import explain

MAX_BYTES = 2**20
MAX_DEPTH = 50
MAX_VALUES = 20_000


@dataclass(frozen=True)
class YamlFile:
    """The mapping a file holds, and where each of its values was written."""

    source: str
    content: dict[str, Any]
    written: dict[Path, Written]


class _TooMuch(yaml.MarkedYAMLError):
    """A file that is well-formed but not allowed."""


class _Loader(yaml.SafeLoader):
    """Composes nodes like SafeLoader, but bounded in depth and number, and without tags."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = self.nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML has no types here
        if getattr(event, "tag", None) is not None:
            raise _TooMuch(None, None, "tags such as `!!python` are not allowed", event.start_mark)
        self.depth += 1
        self.nodes += 1
        if self.depth > MAX_DEPTH:
            raise _TooMuch(None, None, f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
        if self.nodes > 2 * MAX_VALUES:  # keys are nodes too
            raise _TooMuch(None, None, f"more than {MAX_VALUES:,} values", event.start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read_yaml(file: FilePath, source: str) -> YamlFile:
    """Read one YAML file that holds one mapping; `source` is its name in messages.

    Raises:
        SpaceError: It cannot be read, is no YAML, or goes beyond what is allowed.
    """
    start = Place(source)
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise refuse(source, start, f"cannot be read: {reason.lower()}") from error
    if len(data) > MAX_BYTES:
        raise refuse(source, start, "larger than 1 MiB; a search space is a short text")
    value, written = parse_yaml(_decode(data, source), source)
    if value is None:
        raise refuse(source, Place(source, 1, 1), "the file is empty")
    if not isinstance(value, dict):
        raise refuse(source, written[()].value, "expected a mapping of sections (`name: ...`)")
    return YamlFile(source, value, written)


def parse_yaml(text: str, source: str) -> tuple[Any, dict[Path, Written]]:
    """Return the value a YAML text holds, and where each part of it was written.

    Raises:
        SpaceError: It is no YAML, or goes beyond what is allowed.
    """
    loader = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.reader.ReaderError as error:
        place = _place_of_index(text, error.position, source)
        raise refuse(source, place, "a character that YAML does not allow") from error
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, text, source) from error
    finally:
        if loader is not None:
            loader.dispose()
    if node is None:
        return None, {}
    reader = _NodeReader(source)
    value = reader.read(node, (), reader.place(node), frozenset())
    if reader.faults:
        raise SpaceError(source, [fault.problems[0] for fault in reader.faults])
    return value, reader.written


def _decode(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8-sig", "replace")) + 1
        place = Place(source, line, column)
        raise refuse(source, place, "not UTF-8 text; save it as UTF-8") from error


def _place_of_index(text: str, index: int, source: str) -> Place:
    line_start = text.rfind("\n", 0, index) + 1
    return Place(source, text.count("\n", 0, index) + 1, index - line_start + 1)


def _syntax_error(error: yaml.MarkedYAMLError, text: str, source: str) -> SpaceError:
    mark = error.problem_mark or error.context_mark
    place = Place(source, mark.line + 1, mark.column + 1) if mark else Place(source)
    if error.context and "single document" in error.context:
        return refuse(source, place, "more than one YAML document; keep one to a file")
    if isinstance(error, _TooMuch):
        return refuse(source, place, str(error.problem))
    mark, message = explain(error, text)
    return refuse(source, Place(source, mark.line + 1, mark.column + 1) if mark else place, message)


@dataclass
class _NodeReader:
    """Turns nodes into plain values, counting what aliases repeat."""

    source: str
    written: dict[Path, Written] = field(default_factory=dict)
    faults: list[SpaceError] = field(default_factory=list)
    count: int = 0

    def place(self, node: yaml.Node) -> Place:
        """Return where a node starts."""
        return Place(self.source, node.start_mark.line + 1, node.start_mark.column + 1)

    def read(self, node: yaml.Node, path: Path, key: Place, parents: frozenset[int]) -> Any:
        """Return the plain value of a node; `parents` are the ids of the nodes around it."""
        place = self.place(node)
        if id(node) in parents:
            raise refuse(self.source, place, "an alias that contains itself")
        self.count += 1
        if self.count > MAX_VALUES:
            raise refuse(
                self.source, key, f"more than {MAX_VALUES:,} values once aliases are written out"
            )
        if len(path) >= MAX_DEPTH:
            raise refuse(self.source, key, f"nested deeper than {MAX_DEPTH} levels")
        self.written[path] = Written(key, place)
        parents |= {id(node)}
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, parents)
        if isinstance(node, yaml.SequenceNode):
            return [
                self.read(item, (*path, index), self.place(item), parents)
                for index, item in enumerate(node.value)
            ]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path, parents: frozenset[int]) -> Any:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = self.place(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                raise refuse(self.source, place, "a key must be a word")
            name = str(key_node.value)
            if name in result:
                text = f"`{name}` is given twice"
                self.faults.append(refuse(self.source, place, text, ".".join(map(str, path))))
                continue
            result[name] = self.read(value_node, (*path, name), place, parents)
        return result

    def _scalar(self, node: yaml.Node) -> Any:
        assert isinstance(node, yaml.ScalarNode)
        if node.style is not None:  # quoted or a block: text
            return node.value
        try:
            return plain_scalar(node.value)
        except ValueError as error:
            raise refuse(self.source, self.place(node), str(error)) from error
