"""The JSON Schema of a setting that may vary: its plain value, or the forms of a leaf."""

from __future__ import annotations

from typing import Any


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
