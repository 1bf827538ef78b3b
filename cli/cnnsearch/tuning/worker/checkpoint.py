"""The state of a training in one file: weights, statistics, dropout seeds, optimizer, average."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import numpy as np
from numpy.lib.format import write_array
from numpy.typing import NDArray

from cnnsearch.records.files import PARTIAL, writing

LATEST = "latest.npz"  # all state of a trial: where it goes on after a pause or a killed worker
BEST = "best.npz"  # all state of a trial at its best look
SCORED = "scored.npz"  # the model that the trial's score belongs to: kept while it can win
FINISHED = "finished.npz"  # the model of the winner after its annealing
Variable = Any  # of Keras or of TensorFlow


def save_checkpoint(path: Path, variables: Sequence[Variable], step: int) -> None:
    """Write the values of `variables` after `step` training steps, whole or not at all.

    What `numpy.savez` would write, but one value at a time: all together take as much memory again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with writing(path) as file, ZipFile(file, "w") as archive:
        _write(archive, "step", np.int64(step))
        for index, variable in enumerate(variables):
            _write(archive, f"v{index}", variable.numpy())


def _write(archive: ZipFile, name: str, value: Any) -> None:
    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
        write_array(member, np.asanyarray(value), allow_pickle=False)


def link_checkpoint(path: Path, target: Path) -> None:
    """Let `target` hold what `path` holds now, without writing it again."""
    partial = target.with_name(f".{target.name}{PARTIAL}")
    partial.unlink(missing_ok=True)
    try:
        os.link(path, partial)
    except OSError:  # a file system without links
        shutil.copyfile(path, partial)
    partial.replace(target)


def load_checkpoint(path: Path, variables: Sequence[Variable]) -> int:
    """Put the values back into `variables`, which are in the order in which they were saved.

    Returns:
        The training steps the values have seen.

    Raises:
        ValueError: The file does not belong to these variables or is damaged.
    """
    state = _read(path)
    if len(state) != len(variables) + 1:
        raise ValueError(f"{path} holds {len(state) - 1} variables, the model {len(variables)}")
    for index, variable in enumerate(variables):
        variable.assign(state[f"v{index}"])
    return int(state["step"])


def saved_step(path: Path) -> int:
    """Return the training steps that the values of a checkpoint have seen, without reading those.

    Raises:
        ValueError: The file is not there or is damaged.
    """
    with _opened(path) as state:
        return int(state["step"])


def is_sound(path: Path) -> bool:
    """Tell whether the checkpoint can be read to its end."""
    try:
        _read(path)
    except ValueError:
        return False
    return True


def _read(path: Path) -> dict[str, NDArray[Any]]:
    with _opened(path) as state:
        return dict(state)


@contextmanager
def _opened(path: Path) -> Iterator[Mapping[str, NDArray[Any]]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as state:
            yield state
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from error
    except (EOFError, ValueError, BadZipFile, NotImplementedError) as error:
        raise ValueError(f"{path} cannot be read: it is damaged") from error
