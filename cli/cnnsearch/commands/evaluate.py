"""`cnnsearch evaluate`: how good a run's winner, or another exported model, is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnnsearch.commands.options import AsJson, Model, Runs

Data = Annotated[
    str | None,
    typer.Option(
        help="Labelled images: a shipped name, a folder, or an .npz; else the run's own test split."
    ),
]


def evaluate(
    model: Model, data: Data = None, runs: Runs = Path("runs"), json: AsJson = False
) -> None:
    """Tell how good a model is on labelled images.

    That is its accuracy, the scores of each class, its calibration and its worst mistakes. Of
    data with a test split, that split is taken, of other data all images. A run's own test
    split is not read again: the predictions stand that were made when it was read.
    """
    from cnnsearch.commands.evaluating import evaluation_of
    from cnnsearch.commands.printing import print_json
    from cnnsearch.screen.evaluation import print_evaluation

    found = evaluation_of(model, data, runs)
    print_json(found) if json else print_evaluation(found)
