"""Which exported model is meant by a name: of a run, of a folder or of a file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cnnsearch.errors import ModelError, RunError, RunInProgressError
from cnnsearch.records.folder import RunFolder, existing_run, find_run_folder

FORMATS = {".keras": "keras", ".onnx": "onnx", ".tflite": "tflite"}  # by suffix, the best first
SAVED_MODEL = "saved_model"  # the folder of an export that is a SavedModel
LABELS = "labels.txt"
EXPECTED = (
    "expected a run, the export folder of one, a SavedModel folder, or a file of the kinds "
    + " ".join(FORMATS)
)


@dataclass(frozen=True)
class ModelFile:
    """An exported model on the disk, not opened yet."""

    path: Path
    format: str  # "savedmodel", or as in `FORMATS`
    labels: tuple[str, ...]  # names of the outputs, in order
    run: RunFolder | None = None  # where the model was asked for by its run


def find_model(name: str, runs: Path) -> ModelFile:
    """Return the model that is meant, with its labels.

    Args:
        name: Of a run in `runs`, or the path of a run, of an export or of a model.
        runs: The folder of the runs.

    Raises:
        RunError: There is no such run or model, or the run has exported none.
        RunInProgressError: It has exported none yet.
        ModelError: The model has no labels.
    """
    run = existing_run(runs, name)
    if run is not None:
        run.read_facts()  # refuses a damaged run, or one of another version
        of_run = _of_folder(run.export, run)
        if of_run is None:
            raise _unexported(run)
        return of_run
    path = Path(name).expanduser()
    found = _of_path(path) or _of_folder(path, None)
    if found is not None:
        return found
    raise _not_found(path, runs, name)


def _of_path(path: Path) -> ModelFile | None:
    """Return the model that lies at `path` itself."""
    if _is_saved_model(path):
        return _labelled(path, "savedmodel", None)
    if path.suffix in FORMATS and os.path.isfile(path):  # noqa: PTH113  # it never raises
        return _labelled(path, FORMATS[path.suffix], None)
    return None


def _of_folder(folder: Path, run: RunFolder | None) -> ModelFile | None:
    """Return the model of an export folder: what TensorFlow serves, or else another format."""
    if _is_saved_model(folder / SAVED_MODEL):
        return _labelled(folder / SAVED_MODEL, "savedmodel", run)
    if not os.path.isdir(folder):  # noqa: PTH112  # it never raises
        return None
    files = [file for suffix in FORMATS for file in sorted(folder.glob(f"*{suffix}"), key=_stem)]
    return _labelled(files[0], FORMATS[files[0].suffix], run) if files else None


def _stem(file: Path) -> str:
    """Return what sorts `model.tflite` before `model-float16.tflite`."""
    return file.stem


def _is_saved_model(path: Path) -> bool:
    return os.path.isfile(path / "saved_model.pb")  # noqa: PTH113  # it never raises


def _labelled(path: Path, model_format: str, run: RunFolder | None) -> ModelFile:
    return ModelFile(path, model_format, read_labels(path.resolve().parent, path), run)


def read_labels(folder: Path, model: Path | None = None) -> tuple[str, ...]:
    """Return the names of the outputs of the `model` in a folder: one a line, in order.

    Raises:
        ModelError: They are missing, or damaged.
    """
    file = folder / LABELS
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ModelError(
            f"{model or folder} has no {LABELS} beside it; expected the names of its outputs "
            "there, one a line, in order"
        ) from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} cannot be read: {error}") from None
    return tuple(text.removesuffix("\n").split("\n"))


def _unexported(run: RunFolder) -> RunError:
    """Say why a run has no model, and what to do."""
    if run.in_progress():
        return RunInProgressError(
            f"the run {run.name} is in progress and has exported no model yet: wait"
        )
    if run.summary.exists():
        return RunError(f"{run.export} holds no model: the run's export was removed")
    return RunError(
        f"the run {run.name} is unfinished and has exported no model: "
        f"`cnnsearch resume {run.called}` goes on with it"
    )


def _not_found(path: Path, runs: Path, name: str) -> RunError | ModelError:
    if _is_export(path / "export"):
        return RunError(
            f"{path} is not a run folder: it has no run.json; its model is {path / 'export'}"
        )
    if os.path.lexists(path):
        return ModelError(f"{path} is no model; {EXPECTED}")
    try:
        find_run_folder(runs, name)
    except RunError as error:
        return RunError(f"{error}\nnor is there a model of that path; {EXPECTED}")
    return ModelError(f"{path} is no model; {EXPECTED}")


def _is_export(folder: Path) -> bool:
    return os.path.isfile(folder / LABELS)  # noqa: PTH113  # it never raises
