"""What a field of a section expects, and what to say when a value is not that."""

from __future__ import annotations

import math
import types
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticUndefined

from cnnsearch.space.domains import Value
from cnnsearch.space.fields import Searchable, Section
from cnnsearch.space.spelling import did_you_mean


@dataclass(frozen=True)
class Fault:
    """Why a value is refused: `at` leads into the value, such as to one item of a list."""

    at: tuple[str | int, ...]
    message: str

    @property
    def position(self) -> tuple[int, ...]:
        """Return the index of the item, where one item of a list is at fault."""
        return tuple(step for step in self.at if isinstance(step, int))


@dataclass(frozen=True)
class Expected:
    """One field of a section: its YAML key, its type's own validator, and its default."""

    key: str
    attribute: str
    adapter: TypeAdapter[Any]
    searchable: Searchable | None
    required: bool
    default: Value
    literals: tuple[str, ...]
    number: Literal["whole", "real"] | None
    is_list: bool

    def read(self, value: Any) -> tuple[Any, list[Fault]]:
        """Return the value as the field's type has it, or what is wrong with it."""
        try:
            return self.adapter.validate_python(value), []
        except ValidationError as error:
            return None, [_fault(details) for details in _own_errors(error)]

    def default_value(self) -> Any:
        """Return the default as the field's type has it."""
        return tuple(self.default) if isinstance(self.default, list) else self.default

    def read_plain(self, value: Any) -> tuple[Value, list[Fault]]:
        """Return the value as plain JSON, or what is wrong with it."""
        read, faults = self.read(value)
        return plain(read), faults


def plain(value: Any) -> Any:
    """Return tuples as lists, so that the value is plain JSON."""
    return [plain(item) for item in value] if isinstance(value, tuple) else value


@cache
def expectations(section: type[Section]) -> dict[str, Expected]:
    """Return what each key of a section expects, in the order of declaration."""
    found = [_expected(name, info) for name, info in section.model_fields.items()]
    return {expected.key: expected for expected in found}


def _expected(name: str, info: FieldInfo) -> Expected:
    core = _core_types(info.annotation)
    marks = [mark for mark in info.metadata if isinstance(mark, Searchable)]
    literals = tuple(
        word for each in core if get_origin(each) is Literal for word in get_args(each)
    )
    numbers: dict[Any, Literal["whole", "real"]] = {int: "whole", float: "real"}
    return Expected(
        key=info.alias or name,
        attribute=name,
        adapter=TypeAdapter(info.rebuild_annotation()),
        searchable=marks[-1] if marks else None,
        required=info.is_required(),
        default=None if info.default is PydanticUndefined else plain(info.default),
        literals=literals,
        number=next((numbers[each] for each in core if each in numbers), None),
        is_list=any(get_origin(each) in (tuple, list) for each in core),
    )


def _core_types(annotation: Any) -> list[Any]:
    """Return the types of a field without `Annotated` and without `| None`."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _core_types(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [core for each in get_args(annotation) for core in _core_types(each)]
    return [] if annotation is type(None) else [annotation]


MESSAGES = {
    "int_type": "expected a whole number, not {shown}",
    "int_from_float": "expected a whole number, not {shown}",
    "float_type": "expected a number, not {shown}",
    "finite_number": "expected a number, not {shown}",
    "string_type": "expected a text, not {shown}",
    "list_type": "expected a list, not {shown}",
    "tuple_type": "expected a list, not {shown}",
    "greater_than_equal": "must be at least {ge}, not {shown}",
    "greater_than": "must be more than {gt}, not {shown}",
    "less_than_equal": "must be at most {le}, not {shown}",
    "less_than": "must be less than {lt}, not {shown}",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "too_long": "is too long; at most {max_length}",
    "string_too_long": "is too long; at most {max_length}",
}


def _own_errors(error: ValidationError) -> list[ErrorDetails]:
    """Return what pydantic found, but not that a list is empty because its items are wrong."""
    found = error.errors(include_url=False)
    return [each for each in found if not (each["type"] == "too_short" and each["input"])]


def _fault(details: ErrorDetails) -> Fault:
    return Fault(details["loc"], _message(details))


def _message(details: ErrorDetails) -> str:
    """Return pydantic's finding in our words."""
    text = _finding(details)
    if details["input"] is None and text.startswith("expected"):
        return f"is empty; {text.removesuffix(', not null')}"
    return text


def _finding(details: ErrorDetails) -> str:
    kind, context, value = details["type"], details.get("ctx", {}), details["input"]
    if kind in MESSAGES:
        limits = {name: show_number(limit) for name, limit in context.items()}
        return MESSAGES[kind].format(shown=show(value), **limits)
    if kind == "literal_error":
        return _literal_message(value, str(context["expected"]))
    text = str(context["error"]) if kind == "value_error" else details["msg"]
    return f"{text}, not {show(value)}" if text.startswith("expected") else text


def _literal_message(value: object, expected: str) -> str:
    words = expected.replace(" or ", ", ").replace("'", "").split(", ")
    listed = ", ".join(f"`{word}`" for word in words)
    hint = did_you_mean(value, words) if isinstance(value, str) else ""
    return f"expected {'one of ' if len(words) > 1 else ''}{listed}, not {show(value)}{hint}"


def show_number(value: Value) -> Value:
    """Return a number without the `.0` of a whole one, for limits that we name."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def show(value: object) -> str:
    """Return a value as a short YAML text for a message."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else f"{'-' if value < 0 else ''}.inf"
    text = f"`{value}`" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
