"""`cnnsearch schema`: the JSON Schema of search spaces, or of summaries."""

from __future__ import annotations

from typing import Annotated

import typer


def schema(
    summary: Annotated[
        bool, typer.Option("--summary", help="Print that of a run's summary.json instead.")
    ] = False,
) -> None:
    """Print the JSON Schema of search spaces, for editors."""
    from cnnsearch.commands.printing import print_json
    from cnnsearch.results.summary_model import summary_schema
    from cnnsearch.space import space_schema

    print_json(summary_schema() if summary else space_schema())
