"""`cnnsearch datasets`: the shipped datasets, or the facts about one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnsearch.commands.options import AsJson


def datasets(
    source: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="A shipped dataset, a folder of images or an .npz."),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(help="Contact sheet to write (PNG); else NAME-contact-sheet.png, here."),
    ] = None,
    image_size: Annotated[
        int | None, typer.Option(help="Side in pixels to bring all images to.")
    ] = None,
    json: AsJson = False,
) -> None:
    """List the shipped datasets, or show what is in one.

    With NAME it also draws a contact sheet: some images of each class, as a PNG.
    """
    from cnnsearch.commands.printing import print_json
    from cnnsearch.data.catalogue import catalogue
    from cnnsearch.screen.datasets import print_catalogue, print_facts

    if source is None:
        entries = catalogue()
        print_json({"version": 1, "datasets": entries}) if json else print_catalogue(entries)
        return
    facts = _facts_with_sheet(source, image_size, sheet)
    print_json({"version": 1, "dataset": facts}) if json else print_facts(facts)


def _facts_with_sheet(source: str, image_size: int | None, sheet: Path | None) -> dict[str, object]:
    """Open the dataset, write its contact sheet where that is possible, and return its facts."""
    from cnnsearch.data import open_dataset
    from cnnsearch.data.contact_sheet import contact_sheet
    from cnnsearch.errors import DataError
    from cnnsearch.screen.datasets import decoding_progress

    with decoding_progress() as progress:
        dataset = open_dataset(source, image_size=image_size, progress=progress)
    path = sheet or Path(f"{dataset.name}-contact-sheet.png")
    try:
        contact_sheet(dataset, path)
    except DataError as error:
        if sheet is not None:
            raise
        typer.echo(f"No contact sheet: {error}", err=True)
        return {**dataset.facts(), "contact_sheet": None}
    elsewhere = "" if sheet else " (another place: --sheet PATH)"
    typer.echo(f"Contact sheet: {path.absolute()}{elsewhere}", err=True)
    return {**dataset.facts(), "contact_sheet": str(path)}
