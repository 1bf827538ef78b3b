"""All state of a training in one file: weights, statistics, dropout seeds, optimizer."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np
from numpy.typing import NDArray

from cnnsearch.records.files import write_bytes

LATEST = "latest.npz"  # of the trial in flight: where a killed worker's successor goes on
SCORED = "scored.npz"  # what the trial's score belongs to: kept while the trial can win
FINISHED = "finished.npz"  # the winner after its last annealing


def save_checkpoint(path: Path, model: keras.Model, step: int) -> None:
    """Write the state of `model` after `step` training steps, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {f"v{index}": variable.numpy() for index, variable in enumerate(_variables(model))}
    buffer = io.BytesIO()
    np.savez(buffer, step=np.int64(step), **arrays)
    write_bytes(path, buffer.getvalue())


def load_checkpoint(path: Path, model: keras.Model) -> int:
    """Put the state back into `model`, built and compiled as it was.

    Returns:
        The training steps the state has seen.

    Raises:
        ValueError: The file does not belong to this model or is damaged.
    """
    variables, state = _variables(model), _read(path)
    if len(state) != len(variables) + 1:
        raise ValueError(f"{path} holds {len(state) - 1} variables, the model {len(variables)}")
    for index, variable in enumerate(variables):
        variable.assign(state[f"v{index}"])
    return int(state["step"])


def is_sound(path: Path) -> bool:
    """Tell whether the checkpoint can be read to its end."""
    try:
        _read(path)
    except ValueError:
        return False
    return True


def load_newest(paths: Sequence[Path], model: keras.Model, warn: Callable[[str], None]) -> int:
    """Put the state of the first of these files that there is, and that is sound, into `model`.

    What is damaged is removed, after a warning: a disk or a power failure may do it.

    Returns:
        The training steps the state has seen: 0 where there is no such file.
    """
    for path in paths:
        if path.exists():
            try:
                return load_checkpoint(path, model)
            except ValueError as error:
                path.unlink()
                warn(f"{error}; training goes on from an earlier step")
    return 0


def _read(path: Path) -> dict[str, NDArray[Any]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as state:
            return dict(state)
    except (OSError, EOFError, ValueError, BadZipFile, NotImplementedError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error


def _variables(model: keras.Model) -> list[keras.Variable]:
    optimizer = model.optimizer
    optimizer.build(model.trainable_variables)
    return [*model.variables, *optimizer.variables]
