"""`cnnsearch export`: the winner of a run, or another of its trials, as files that serve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnsearch.commands.options import AsJson, RunName, Runs

Trial = Annotated[int | None, typer.Option(min=0, help="Export this trial, not the winner.")]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="FORMATS",
        help="Some of savedmodel,keras,tflite,onnx; else as the run's search space says.",
    ),
]
Out = Annotated[Path | None, typer.Option(help="Folder to write to, new or an older export.")]


def export(
    run: RunName = None,
    trial: Trial = None,
    format: Formats = None,
    out: Out = None,
    runs: Runs = Path("runs"),
    json: AsJson = False,
) -> None:
    """Export a run's winner, or another trial, and prove each file equal to it.

    Formats that an older export at the same place holds are written anew besides those asked for.
    """
    from cnnsearch.commands.exporting import write_export
    from cnnsearch.commands.printing import print_json
    from cnnsearch.exporting.formats import parse_formats, refuse_missing_extras
    from cnnsearch.records.folder import find_run_folder
    from cnnsearch.screen.exports import print_export

    formats = parse_formats(format) if format else []
    refuse_missing_extras(formats)
    manifest = write_export(find_run_folder(runs, run), trial=trial, formats=formats, out=out)
    print_json(manifest) if json else print_export(manifest)
