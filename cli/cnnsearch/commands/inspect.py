"""`cnnsearch inspect`: what a search space holds, before anything is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnsearch.commands.options import AsJson, Data, Overrides, Space


def inspect(
    space: Space = "default",
    data: Data = None,
    set_: Overrides = None,
    json: AsJson = False,
    html: Annotated[Path | None, typer.Option(help="Page to write it to as well.")] = None,
) -> None:
    """Tell what a search space holds, and what limits leave.

    It looks at 2,000 random candidates. Nothing is trained.
    """
    from json import dumps

    from cnnsearch.architecture.inspection import inspect_space
    from cnnsearch.commands.carrying_out import print_json
    from cnnsearch.commands.checking import shape_and_classes_of
    from cnnsearch.screen.inspection import print_inspection, save_inspection
    from cnnsearch.space import load_space

    given = [f"data.source={dumps(data)}"] if data is not None else []
    loaded = load_space(space, [*given, *(set_ or [])])
    found = inspect_space(loaded, *shape_and_classes_of(loaded))
    if html is not None:
        save_inspection(found, html)
        typer.echo(f"Page: {html}", err=True)
    print_json(found) if json else print_inspection(found)
