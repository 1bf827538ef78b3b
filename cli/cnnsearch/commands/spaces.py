"""`cnnsearch spaces`: the search spaces that are shipped."""

from __future__ import annotations

from typing import Annotated

import typer


def spaces(
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """List the shipped search spaces."""
    from cnnsearch.commands.carrying_out import print_json
    from cnnsearch.screen.inspection import print_spaces
    from cnnsearch.space.catalogue import catalogue

    entries = catalogue()
    print_json({"version": 1, "spaces": entries}) if json else print_spaces(entries)
