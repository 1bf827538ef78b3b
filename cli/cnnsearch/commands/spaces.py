"""`cnnsearch spaces`: the search spaces that are shipped."""

from __future__ import annotations

from cnnsearch.commands.options import AsJson


def spaces(
    json: AsJson = False,
) -> None:
    """List the shipped search spaces."""
    from cnnsearch.commands.printing import print_json
    from cnnsearch.screen.spaces import print_spaces
    from cnnsearch.space.catalogue import catalogue

    entries = catalogue()
    print_json({"version": 1, "spaces": entries}) if json else print_spaces(entries)
