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

    They are read and resized as those were that the model was trained on. What is no image, or
    not there, is named at the end, with exit code 2; the others are predicted all the same.
    """
    from cnnsearch.commands.printing import print_json
    from cnnsearch.data.image_files import find_images
    from cnnsearch.exporting.finding import find_model
    from cnnsearch.exporting.predicting import predict_files
    from cnnsearch.screen.datasets import decoding_progress
    from cnnsearch.screen.predictions import print_predictions, unreadable_error

    file, found = find_model(model, runs), find_images(images)
    with decoding_progress("Predicting") as progress:
        told = predict_files(file, found, top, progress)
    print_json(told) if json else print_predictions(told)
    if told["unreadable"]:
        raise unreadable_error(told)
