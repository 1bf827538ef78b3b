"""The baseline: a run that passed, kept by its summary for later ones to be held against.

One that followed every run that passes would go down with them, each time by no more than is
allowed. It gives way to a better run only, so that small drops add up until they are one too many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnsearch.errors import OutdatedRunError, RunError, UsageError, disk_is_full
from cnnsearch.records.claims import held
from cnnsearch.records.files import staged
from cnnsearch.records.folder import RunFolder, existing_run
from cnnsearch.results.finished import Finished, read_baseline, read_summary
from cnnsearch.results.gate.improvement import compared, is_improvement, why_not_compared
from cnnsearch.results.gate.judge import Check, Verdict, judge
from cnnsearch.space.gate import GateSection

LOCK = ".lock"  # in the baseline's folder: held by who reads, compares and replaces it


@dataclass(frozen=True)
class Baseline:
    """What a run is held against, if there is anything.

    Where one was named and may be missing, `missing` says why it is; one that `is_outdated` is of
    no more use to this version of the program. One that is to be kept up to date lies in `folder`.
    """

    run: Finished | None = None
    missing: str | None = None
    is_outdated: bool = False
    folder: Path | None = None


@dataclass(frozen=True)
class Update:
    """Whether a run was kept as the baseline, and what it was held against.

    `before` tells which the baseline of before is, and `compared` the figures of both. `hindrance`
    says why the run was not kept, where that is not for being no better.
    """

    is_kept: bool
    before: str | None = None
    compared: Sequence[Check] = ()
    hindrance: str | None = None


def find_baseline(
    runs: Path, name: str, *, allow_missing: bool, update: bool, judged: Path | None = None
) -> Baseline:
    """Return what a run is held against; `judged` is the run's own folder, which need not exist.

    Raises:
        RunError: The baseline is not finished, damaged, from a later version, or the run itself;
            or it is missing, or from an earlier version, and may not be.
        UsageError: It is to be updated, and is no folder of its own.
    """
    folder = _own_folder(runs, name) if update else None
    _refuse_itself(runs, name, judged)
    try:
        found = read_baseline(runs, name)
    except OutdatedRunError as error:
        if not allow_missing:
            raise OutdatedRunError(
                f"{error}; with --allow-missing-baseline this one passes without a baseline"
            ) from None
        reason = str(error).splitlines()[0]
        missing = f"{reason}, so there is nothing to compare with"
        return Baseline(missing=missing, is_outdated=True, folder=folder)
    if found is None and not allow_missing:
        raise RunError(
            f"there is no baseline {name!r}: no run in {runs}, no summary.json and no folder with "
            "one; with --allow-missing-baseline the first run of all passes without"
        )
    if found is None:
        return Baseline(
            missing=f"there is no baseline {name!r} yet: nothing to compare with", folder=folder
        )
    return Baseline(found, folder=folder)


def update_baseline(folder: Path, run: Finished, limits: GateSection, verdict: Verdict) -> Update:
    """Keep a run that passed as the baseline where there is none or it is better; tell whether.

    The run is held against what lies in `folder` by now: another job may have replaced what the
    verdict is about, and waits until this one is through. The folder of a run is left alone:
    nothing may lay others' files there, or remove its own. The verdict is known: a full disk costs
    no more than the baseline, and the one of before stays.
    """
    if verdict.verdict == "failed":
        return Update(is_kept=False, hindrance="it fails the gate")
    if RunFolder(folder).run_file.exists():  # it has become one, or a link to one
        return Update(is_kept=False, hindrance=f"{folder} is the folder of a run")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with held(folder / LOCK):
            return _keep_if_better(folder, run, limits)
    except OSError as error:
        return Update(is_kept=False, hindrance=_not_written(folder, error))
    except RunError as error:
        return Update(is_kept=False, hindrance=str(error).splitlines()[0])


def _keep_if_better(folder: Path, run: Finished, limits: GateSection) -> Update:
    before = _kept_in(folder)
    if before is None:
        _keep(run, folder)
        return Update(is_kept=True)
    checks = judge(run, limits, before).checks
    if (reason := why_not_compared(checks)) is not None:
        return Update(is_kept=False, hindrance=_nothing_compared(folder, reason, checks))
    is_better = is_improvement(run, before, checks)
    if is_better:
        _keep(run, folder)
    return Update(is_better, before.called, compared(checks))


def _kept_in(folder: Path) -> Finished | None:
    try:
        return read_summary(folder)
    except OutdatedRunError:  # of no use to this version of the program
        return None


def _refuse_itself(runs: Path, name: str, judged: Path | None) -> None:
    """Refuse the run that is judged, also before it is there, as its own baseline."""
    path = Path(name)
    places = (runs / name, path.parent if path.is_file() else path)
    if judged is not None and judged.resolve() in (place.resolve() for place in places):
        raise RunError(f"the baseline {name!r} is the run itself: name another one")


def _own_folder(runs: Path, name: str) -> Path:
    """Return the folder in which a baseline is kept up to date."""
    path = Path(name)
    if existing_run(runs, name) is not None:
        raise UsageError(
            f"--update-baseline keeps a summary in a folder of its own, and {name!r} is a run: "
            "name another folder with --baseline"
        )
    if path.is_file() or path.suffix == ".json":
        raise UsageError(f"--update-baseline is for a folder, not a file: --baseline {path.parent}")
    return path


def _nothing_compared(folder: Path, reason: str, checks: Sequence[Check]) -> str:
    """Return what to tell; where the run knows what the baseline cannot be held against, advise."""
    told = f"nothing was compared with the one of before, which stays ({reason})"
    if not any(check.outcome == "unknown" and check.value is not None for check in checks):
        return told
    return (
        f"{told}; to begin anew, remove {folder}: on GitHub, start the workflow with `new_baseline`"
    )


def _not_written(folder: Path, error: OSError) -> str:
    if disk_is_full(error):
        return f"{folder} cannot be written: the disk is full; free some space"
    reason = error.strerror or error
    return f"{folder} cannot be written ({reason}); make it writable, or name another folder"


def _keep(run: Finished, folder: Path) -> None:
    """Copy what later runs are compared with, both files or none.

    A process that is killed between the two leaves a summary without predictions, never one beside
    those of another run.
    """
    own, kept = RunFolder(run.path), RunFolder(folder)
    contents = {kept.summary: run.file.read_bytes()}
    if own.test_predictions.exists():
        contents[kept.test_predictions] = own.test_predictions.read_bytes()
    folder.mkdir(parents=True, exist_ok=True)
    with staged(contents) as written:
        kept.test_predictions.unlink(missing_ok=True)
        for path, temporary in written.items():  # the summary first
            temporary.replace(path)
