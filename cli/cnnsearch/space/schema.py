"""The JSON Schema (draft 2020-12) of the YAML file, for editors."""

from __future__ import annotations

from typing import Any

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def searchable_schema(plain: dict[str, Any], per: tuple[str, ...]) -> dict[str, Any]:
    """Return the schema of a field that may be a plain value or a leaf."""
    common: dict[str, Any] = {"prior": plain, "when": {"type": "string", "maxLength": 200}}
    if per:
        common["per"] = {"enum": list(per)}
    values = {"type": "array", "items": plain, "minItems": 1, "uniqueItems": True}
    forms = [plain, _leaf({"values": values, **common}, ["values"])]
    if _is_number(plain):
        number = {"type": "number"}
        bounds = {"min": plain, "max": plain, "step": {**number, "exclusiveMinimum": 0}}
        forms.append(_leaf({**bounds, "log": {"type": "boolean"}, **common}, ["min", "max"]))
    return {"anyOf": forms}


def space_schema() -> dict[str, Any]:
    """Return the JSON Schema of a search space."""
    from cnnsearch.space.sections import SpaceFile

    schema = SpaceFile.model_json_schema(mode="validation")
    schema["required"] = []  # the name may be the file's, and the rest may be inherited
    return {"$schema": DIALECT, **schema, "title": "cnnsearch search space"}


def _leaf(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _is_number(plain: dict[str, Any]) -> bool:
    options = plain.get("anyOf", [plain])
    return any(option.get("type") in ("integer", "number") for option in options)
