"""`cnnsearch predict`: what a run's winner, or another exported model, makes of images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnsearch.commands.options import AsJson, Model, Runs

Images = Annotated[
    list[str],
    typer.Argument(
        metavar="IMAGES", help="Image files, folders of them, or patterns such as 'a/*.jpg'."
    ),
]
Top = Annotated[int, typer.Option(min=1, help="How many labels to tell of each image.")]


def predict(
    model: Model,
    images: Images,
    top: Top = 3,
    runs: Runs = Path("runs"),
    json: AsJson = False,
) -> None:
    """Tell what images show.

    They are read and resized as those were that the model was trained on. Files that are no
    images are named at the end, with exit code 2; the others are predicted all the same.
    """
    from cnnsearch.commands.carrying_out import print_json
    from cnnsearch.data.image_files import find_images
    from cnnsearch.exporting.finding import find_model
    from cnnsearch.exporting.predicting import predict_files
    from cnnsearch.screen.datasets import decoding_progress
    from cnnsearch.screen.predictions import print_predictions, unreadable_error

    file, paths = find_model(model, runs), find_images(images)
    with decoding_progress("Predicting") as progress:
        found = predict_files(file, paths, top, progress)
    print_json(found) if json else print_predictions(found)
    if found["unreadable"]:
        raise unreadable_error(found)
