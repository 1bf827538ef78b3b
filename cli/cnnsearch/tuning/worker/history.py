"""What a training went through, a line of CSV a look."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def append_history(
    path: Path, step: int, train: Mapping[str, float], validation: Mapping[str, float]
) -> None:
    """Add what a look saw: loss and accuracy, in training and on the validation split."""
    row = [
        train.get("loss"),
        train.get("accuracy"),
        validation.get("loss"),
        validation.get("accuracy"),
    ]
    if not path.exists():
        path.write_text("step,train_loss,train_accuracy,val_loss,val_accuracy\n", encoding="ascii")
    with path.open("a", encoding="ascii") as file:
        file.write(
            ",".join([str(step), *("" if value is None else f"{value:.6f}" for value in row)])
            + "\n"
        )
