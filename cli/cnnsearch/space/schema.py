"""The JSON Schema (draft 2020-12) of the YAML file, for editors."""

from __future__ import annotations

from typing import Any

from cnnsearch.space.sections import SpaceFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def space_schema() -> dict[str, Any]:
    """Return the JSON Schema of a search space.

    It asks for no setting, because each may be inherited; only a row of the long form of `stages`
    is whole in itself.
    """
    schema = SpaceFile.model_json_schema(mode="validation")
    for name, section in schema["$defs"].items():
        if name != "StageRow":
            section.pop("required", None)
    schema.pop("required")
    return {"$schema": DIALECT, **schema, "title": "cnnsearch search space"}
