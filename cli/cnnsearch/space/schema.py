"""The JSON Schema (draft 2020-12) of the YAML file, for editors."""

from __future__ import annotations

from typing import Any

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def searchable_schema(plain: dict[str, Any], per: tuple[str, ...]) -> dict[str, Any]:
    """Return the schema of a field that may be a plain value or a leaf."""
    options: dict[str, Any] = {"prior": plain, "when": {"type": "string", "maxLength": 200}}
    if per:
        options["per"] = {"enum": list(per)}
    values = {"type": "array", "items": plain, "minItems": 1, "uniqueItems": True}
    forms = [plain, _leaf({"values": values, **options}, ["values"])]
    if _is_number(plain):
        step = {"type": "number", "exclusiveMinimum": 0}
        numbers = {"min": plain, "max": plain, "step": step, "log": {"type": "boolean"}}
        forms.append(_leaf({**numbers, **options}, ["min", "max"]))
    changed = {**_leaf(options, []), "minProperties": 1}  # options of a leaf that is inherited
    return {"anyOf": [*forms, changed]}


def space_schema() -> dict[str, Any]:
    """Return the JSON Schema of a search space.

    It asks for no setting, because each may be inherited; only a row of the long form of `stages`
    is whole in itself.
    """
    from cnnsearch.space.sections import SpaceFile

    schema = SpaceFile.model_json_schema(mode="validation")
    for name, section in schema["$defs"].items():
        if name != "StageRow":
            section.pop("required", None)
    schema.pop("required")
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
