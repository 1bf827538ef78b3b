"""Export a trial of a run once more: the winner in other formats, or another trial."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cnnsearch.errors import DataError, RunError, UsageError
from cnnsearch.exporting.export import CARD, LABELS, formats_there
from cnnsearch.exporting.formats import FORMAT_FILES, FORMATS
from cnnsearch.exporting.manifest import MANIFEST
from cnnsearch.records.events import read_events
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import Study, open_study
from cnnsearch.records.trial import TrialRecord
from cnnsearch.results.finished import STATES
from cnnsearch.results.summary import how_it_ended, write_summary
from cnnsearch.tuning.start import open_as_begun
from cnnsearch.tuning.worker.checkpoint import FINISHED, SCORED, load_checkpoint
from cnnsearch.tuning.worker.devices import Device
from cnnsearch.tuning.worker.hypermodel import CandidateModel
from cnnsearch.tuning.worker.planning import plan_for
from cnnsearch.tuning.worker.trained import Trained, exported_rows

CPU = Device("CPU", jit_compile=False, dtype_policy="float32")
WHY_IMAGES = (
    "an export needs the images of its run: each file is proved equal to the network on held-out "
    "ones, and 8 bits take their ranges from those of training; put them back where they were"
)
EXPORTED = {file.name for file in FORMAT_FILES} | {LABELS, CARD, MANIFEST}  # all that one holds


def export_again(
    folder: RunFolder,
    *,
    trial: int | None = None,
    formats: Sequence[str] = (),
    out: Path | None = None,
) -> dict[str, Any]:
    """Export a trial, and return the manifest with the `folder` it lies in.

    Args:
        folder: The run.
        trial: Number of the trial; None is the winner.
        formats: What to write besides what an older export there holds; empty: as the run says.
        out: Where to write it; None is `export/` for the winner and `trials/0007/export/` for
            another trial. What lies there is replaced if it is an export.

    Raises:
        RunError: The run is damaged, has no winner yet, or has not kept the trial's weights.
    """
    with folder.lock():
        folder.read_facts()
        study = open_study(folder.journal)
        record, weights = _weights(folder, study, trial)
        trained = _trained(folder, study, record, weights)
        target = out.resolve() if out else _own_place(trained)
        _refuse_foreign(target)
        wanted = [*(formats or trained.hypermodel.space.export.formats), *formats_there(target)]
        manifest = trained.export(target, [name for name in FORMATS if name in wanted])
        if trained.is_winner and out is None:
            open_study(folder.journal, writing=True).note_study(
                exports=exported_rows(manifest, target)
            )
            if folder.summary.exists():
                write_summary(folder)
    return {**manifest, "folder": str(target)}


def _own_place(trained: Trained) -> Path:
    if trained.is_winner:
        return trained.folder.export
    return trained.folder.trial(trained.number) / "export"


def _refuse_foreign(target: Path) -> None:
    """Refuse to replace what is no export, or holds something besides one: all of it would go."""
    if not target.exists():
        return
    if not target.is_dir():
        raise UsageError(f"{target} is a file: name a new folder with --out")
    names = {path.name for path in target.iterdir()}
    foreign = sorted(names - EXPORTED)
    if foreign or (names and not names & {MANIFEST, LABELS}):
        first = f" (it holds {foreign[0]})" if foreign else ""
        raise UsageError(
            f"{target} exists and is no export of cnnsearch{first}: name a new folder with --out"
        )


def _weights(folder: RunFolder, study: Study, trial: int | None) -> tuple[TrialRecord, Path]:
    """Return the trial and the file of its weights."""
    trials, winner = study.trials(), study.facts().get("winner")
    if trial is None and winner is None:
        raise RunError(_no_winner(folder, trials))
    number = winner["trial"] if trial is None and winner else trial or 0
    record = study.trial(number)
    is_winner = winner is not None and winner["trial"] == number
    path = folder.trial(number) / (winner["checkpoint"] if is_winner and winner else SCORED)
    if not path.exists():
        raise RunError(
            f"the weights of trial {number} of {folder.name} are gone: a search keeps those of "
            f"trials that may still win; {_kept_words(folder, trials)}"
        )
    return record, path


def _no_winner(folder: RunFolder, trials: Sequence[TrialRecord]) -> str:
    ended = STATES[how_it_ended(read_events(folder.events))]  # nobody else holds the lock
    return (
        f"the run {folder.name} has no winner yet: it {ended.format(run=folder.called)}\n"
        f"--trial exports another trial; {_kept_words(folder, trials)}"
    )


def _kept_words(folder: RunFolder, trials: Sequence[TrialRecord]) -> str:
    names = (SCORED, FINISHED)
    kept = [
        str(trial.number)
        for trial in trials
        if any((folder.trial(trial.number) / name).exists() for name in names)
    ]
    return f"weights are kept of trial {', '.join(kept)}" if kept else "no trial's weights are kept"


def _trained(folder: RunFolder, study: Study, record: TrialRecord, weights: Path) -> Trained:
    """Return the trial's network with its weights.

    Raises:
        RunError: Space, data or weights are not what they were.
        DataError: The images are not there any more.
    """
    try:
        space, dataset = open_as_begun(folder)
    except DataError as error:
        raise DataError(f"{error}\n{WHY_IMAGES}") from None
    hypermodel = CandidateModel(space, dataset, plan_for(space, dataset), CPU)
    model = hypermodel.as_served(hypermodel.candidate(record.settings))
    try:
        load_checkpoint(weights, model.variables)
    except ValueError as error:
        raise RunError(
            f"{error}\nthe weights of trial {record.number} are lost with it: "
            "put it back from a copy"
        ) from None
    return Trained(folder, study, hypermodel, dataset, model, record.number)
