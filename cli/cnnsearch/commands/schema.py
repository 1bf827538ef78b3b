"""`cnnsearch schema`: the JSON Schema of search spaces."""

from __future__ import annotations


def schema() -> None:
    """Print the JSON Schema of search spaces, for editors."""
    from cnnsearch.commands.carrying_out import print_json
    from cnnsearch.space import space_schema

    print_json(space_schema())
