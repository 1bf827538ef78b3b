"""What a training went through, a line of CSV a look: written by workers, read by all others."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path

NAME = "history.csv"
COLUMNS = ("train_loss", "train_accuracy", "val_loss", "val_accuracy")


def append_history(
    trial: Path, step: int, train: Mapping[str, float], validation: Mapping[str, float]
) -> None:
    """Add what a look saw to the trial's folder: loss and accuracy, in training and validation."""
    row = [
        train.get("loss"),
        train.get("accuracy"),
        validation.get("loss"),
        validation.get("accuracy"),
    ]
    path = trial / NAME
    if not path.exists():
        path.write_text(f"step,{','.join(COLUMNS)}\n", encoding="ascii")
    with path.open("a", encoding="ascii") as file:
        file.write(
            ",".join([str(step), *("" if value is None else f"{value:.6f}" for value in row)])
            + "\n"
        )


def read_history(trial: Path) -> list[dict[str, float]]:
    """Return the looks of a trial, `step` and those of `COLUMNS` that are known.

    What is damaged is passed over.
    """
    try:
        text = (trial / NAME).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    rows = (_numbers(row) for row in csv.DictReader(text.splitlines()))
    return [row for row in rows if "step" in row]


def _numbers(row: Mapping[str, str]) -> dict[str, float]:
    found = {}
    for name in ("step", *COLUMNS):
        try:
            value = float(row[name])
        except (KeyError, TypeError, ValueError):
            continue
        if math.isfinite(value):
            found[name] = value
    return found
