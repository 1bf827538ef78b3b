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

    It looks at all candidates, or at 2,000 random ones. Nothing is trained.
    Where nothing fits it ends with exit code 4.
    """
    from json import dumps

    from cnnsearch.architecture.inspection import inspect_space
    from cnnsearch.commands.checking import (
        load_with_data,
        refuse_unfit,
        shape_and_classes_of,
    )
    from cnnsearch.commands.printing import print_json
    from cnnsearch.screen.inspection import print_inspection
    from cnnsearch.screen.inspection_page import save_inspection
    from cnnsearch.space import Override

    given = [Override(f"data.source={dumps(data)}", "--data")] if data is not None else []
    loaded = load_with_data(space, [*given, *(set_ or [])])
    found = inspect_space(loaded, *shape_and_classes_of(loaded))
    if html is not None:
        save_inspection(found, html)
        typer.echo(f"Page: {html}", err=True)
    print_json(found) if json else print_inspection(found)
    refuse_unfit(found)
