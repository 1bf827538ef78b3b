"""Finished runs as others are held against them: a run folder, or the summary of one alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cnnsearch.errors import RunError, RunInProgressError
from cnnsearch.records.damage import damaged_summary
from cnnsearch.records.events import read_events
from cnnsearch.records.folder import RunFolder, existing_run, find_run_folder
from cnnsearch.records.test_split import read_if_sound
from cnnsearch.records.versions import refuse_other_version
from cnnsearch.results.summary import SUMMARY_VERSION, state_of
from cnnsearch.results.summary_model import Interval, SummaryModel
from cnnsearch.space.quantities import format_moment, plural

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STATES = {
    "running": "is in progress; wait for its end",
    "stopped": "was stopped before its end; go on with: cnnsearch resume {run}",
    "killed": "was killed before its end; go on with: cnnsearch resume {run}",
    "failed": "failed, and found nothing; `cnnsearch watch {run}` tells why",
}


@dataclass(frozen=True)
class Finished:
    """A run that is done: its summary, and the folder in which its test predictions may lie."""

    name: str
    file: Path  # the summary; of baselines, several may lie in one folder
    summary: SummaryModel

    @property
    def path(self) -> Path:
        return self.file.parent

    @property
    def called(self) -> str:
        """How to tell it from a run of the same name: `best/ (nightly, 2026-11-28 19:35 UTC)`."""
        is_alone = self.file.name == RunFolder(self.path).summary.name
        started = self.summary.run.started
        begun = f", {format_moment(datetime.fromisoformat(started))}" if started else ""
        return f"{f'{self.path}/' if is_alone else self.file} ({self.name}{begun})"

    def accuracy(self, which: str) -> Interval | None:
        """Return the winner's `test_accuracy` or `val_accuracy`, if it is known."""
        return self.summary.test if which == "test_accuracy" else self.summary.validation

    def right(self) -> tuple[NDArray[np.bool_], NDArray[np.int64]] | None:
        """Return which test images the winner got right, and their labels, if that was kept.

        Predictions that do not fit the summary are another run's, which took a baseline's place.
        """
        found = read_if_sound(RunFolder(self.path))
        if found is None or self.summary.test is None or found.correct != self.summary.test.correct:
            return None
        return found.probabilities.argmax(-1) == found.labels, found.labels


def read_finished(runs: Path, name: str | None) -> Finished:
    """Return the finished run of that name or path; without a name the latest run.

    Raises:
        RunError: There is none, it is not finished, damaged, or from another version.
    """
    folder = find_run_folder(runs, name)
    folder.read_facts()
    if not folder.summary.exists():
        state = state_of(folder, read_events(folder.events))
        kind = RunInProgressError if state == "running" else RunError
        raise kind(f"the run {folder.name} {STATES[state].format(run=folder.called)}")
    return _read(folder.summary, folder)


def read_baseline(runs: Path, name: str) -> Finished | None:
    """Return a run by name or path, or what a summary tells; None where there is neither.

    Raises:
        RunError: It is there and not finished, damaged, or from another version.
    """
    if existing_run(runs, name) is not None:
        return read_finished(runs, name)
    return read_summary(Path(name))


def read_summary(path: Path) -> Finished | None:
    """Return what a summary tells, or the one in a folder; None where there is none.

    Raises:
        RunError: It is damaged, or from another version.
    """
    file = RunFolder(path).summary if path.is_dir() else path
    return _read(file, None) if file.exists() else None


def _read(file: Path, run: RunFolder | None) -> Finished:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        version = content["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = error if isinstance(error, OSError | ValueError) else "it is no summary of a run"
        raise _damaged(file, run, str(what)) from None
    refuse_other_version(file, "summary", version, SUMMARY_VERSION)
    summary = _checked(file, run, content)
    if summary.run.state != "finished":
        raise RunError(f"{file} is of a run that is not finished ({summary.run.state})")
    return Finished(run.name if run else summary.run.name, file, summary)


def _checked(file: Path, run: RunFolder | None, content: Any) -> SummaryModel:
    try:
        return SummaryModel.model_validate(content)
    except ValidationError as error:
        first, *others = error.errors(include_url=False)
        place = ".".join(map(str, first["loc"]))
        more = f", and {plural(len(others), 'more fault')}" if others else ""
        raise _damaged(file, run, f"{place}: {first['msg'].lower()}{more}") from None


def _damaged(file: Path, run: RunFolder | None, what: str) -> RunError:
    if run is not None:
        return damaged_summary(run, what)
    return RunError(f"{file} is damaged: {what}\nput it back from a copy, or take another run")
