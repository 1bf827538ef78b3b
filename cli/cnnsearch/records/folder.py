"""The folder of one run: where each file lies, who may write, and what was asked of it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from shlex import quote
from typing import IO, Any

from cnnsearch.errors import RunError, RunInProgressError
from cnnsearch.records.claims import held, is_held
from cnnsearch.records.damage import refuse_damaged
from cnnsearch.records.files import remove_partial, write_json
from cnnsearch.records.versions import refuse_other_version
from cnnsearch.space.finding import is_file
from cnnsearch.space.spelling import did_you_mean

FORMAT_VERSION = 2  # of run.json; raised when an older program could not read the folder
_LOCK_PATIENCE_S = 120  # for a worker without supervisor: it may be at a long step, then it ends


@dataclass(frozen=True)
class RunFolder:
    """The paths of one run."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def called(self) -> str:
        """How to name the run to a command, in a shell: by its path where it is not in `runs`."""
        return called(self.path)

    @property
    def space_file(self) -> Path:
        return self.path / "space.yaml"

    @property
    def run_file(self) -> Path:
        return self.path / "run.json"

    @property
    def journal(self) -> Path:
        return self.path / "study.journal"

    @property
    def earlier(self) -> Path:
        return self.path / "earlier.jsonl"

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def heartbeat(self) -> Path:
        return self.path / ".elapsed"

    @property
    def tensorboard(self) -> Path:
        return self.path / "tensorboard"

    @property
    def tracking_log(self) -> Path:
        return self.path / "tracking.log"

    @property
    def progress(self) -> Path:
        return self.path / ".progress.json"

    @property
    def export(self) -> Path:
        return self.path / "export"

    @property
    def test_predictions(self) -> Path:
        """What the winner made of the test split, written when it was read."""
        return self.path / "test_predictions.npz"

    @property
    def summary(self) -> Path:
        return self.path / "summary.json"

    @property
    def proposing(self) -> Path:
        """The lock that a worker holds while it takes its next trial."""
        return self.path / ".proposing.lock"

    def worker_lock(self, worker: int) -> Path:
        """Return the lock that worker `worker` holds as long as it lives."""
        return self.path / f".worker-{worker}.lock"

    @property
    def worker_log(self) -> Path:
        return self.path / "worker.log"

    def trial(self, number: int) -> Path:
        """Return the folder of trial `number`."""
        return self.path / "trials" / f"{number:04d}"

    def read_facts(self) -> dict[str, Any]:
        """Return run.json: what was asked, of what, and with which versions.

        Raises:
            RunError: It is missing, damaged or from another version of the program; or the run is
                finished, and its summary or journal is damaged.
        """
        try:
            facts: dict[str, Any] = json.loads(self.run_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise RunError(f"{self.path} is not a run folder: it has no run.json") from None
        except (OSError, ValueError) as error:
            raise RunError(
                f"{self.run_file} is damaged: {error}\nput it back from a copy, or start a new run"
            ) from None
        version = facts.get("version") if isinstance(facts, dict) else None
        refuse_other_version(self.run_file, "format", version, FORMAT_VERSION)
        refuse_damaged(self)
        return facts

    @contextlib.contextmanager
    def lock(self) -> Iterator[IO[bytes]]:
        """Hold the run for writing; yield the lock file, which a worker inherits.

        Raises:
            RunInProgressError: Another process holds the run.
            RunError: Its folder cannot be written.
        """
        with self._open_lock() as file:
            if not self._take(file):
                raise RunInProgressError(
                    f"the run {self.name} is in progress in another process; "
                    "wait for it or stop it first"
                )
            for folder in (self.path, *self.path.glob("trials/*")):
                remove_partial(folder)
            with held(self._supervisor_lock):
                yield file

    @property
    def _supervisor_lock(self) -> Path:
        """The lock that only the first process holds, and its workers do not inherit."""
        return self.path / ".supervisor.lock"

    def _take(self, file: IO[bytes]) -> bool:
        """Lock `file`; wait for workers left alone, but not for those of a living supervisor."""
        patience = time.monotonic() + _LOCK_PATIENCE_S
        while not _acquire(file):
            if is_held(self._supervisor_lock) or time.monotonic() >= patience:
                return False
            time.sleep(0.1)
        return True

    def in_progress(self) -> bool:
        """Tell whether a process works on the run now."""
        try:
            with (self.path / ".lock").open("rb") as file:
                return not _acquire(file, shared=True)
        except OSError:  # nobody has ever worked on it
            return False

    def _open_lock(self) -> IO[bytes]:
        try:
            return (self.path / ".lock").open("wb")
        except OSError as error:
            raise RunError(
                f"{self.path} cannot be written: {error.strerror or error}; a run goes on where it "
                "began, so make the folder writable"
            ) from None


def create_run_folder(runs: Path, name: str | None, space_name: str) -> RunFolder:
    """Make a new folder under `runs`, named `name` or after the space with the next free number.

    Raises:
        RunError: The name is taken or unusable, or the folder cannot be written.
    """
    if name is not None and not re.fullmatch(r"[\w][\w.-]{0,99}", name):
        raise RunError(f"{name!r} is no name for a run: use letters, digits, '-', '_' and '.'")
    try:
        if name is not None:
            _refuse_taken(runs / name)
        runs.mkdir(parents=True, exist_ok=True)
        path = _make(runs / name) if name else _make_numbered(runs, space_name)
        (path / "trials").mkdir()
        return RunFolder(path)
    except OSError as error:
        raise RunError(
            f"the run folder cannot be made under {runs}: {error.strerror or error}; "
            "choose another with --runs"
        ) from None


def find_run_folder(runs: Path, name: str | None) -> RunFolder:
    """Return the run called `name`, or lying at that path; without a name the latest one.

    Raises:
        RunError: There is no such run.
    """
    known = list_run_folders(runs)
    if name is None:
        if not known:
            raise RunError(f"there are no runs in {runs} yet: `cnnsearch run` makes one")
        return known[-1]
    found = existing_run(runs, name)
    if found is not None:
        return found
    near = did_you_mean(name, [folder.name for folder in known])
    raise RunError(f"there is no run {name} in {runs}{near or '; `cnnsearch runs` lists them'}")


def called(path: PurePath) -> str:
    """Return how to name the run in that folder to a command, in a shell."""
    return quote(path.name if path.parent == PurePath("runs") else str(path))


def existing_run(runs: Path, name: str) -> RunFolder | None:
    """Return the run called `name`, or lying at that path, if there is one."""
    folders = (RunFolder(path) for path in (runs / name, Path(name)))
    return next((folder for folder in folders if is_file(folder.run_file)), None)


def list_run_folders(runs: Path) -> list[RunFolder]:
    """Return the runs under `runs`, oldest first."""
    found = [RunFolder(file.parent) for file in runs.glob("*/run.json")]
    return sorted(found, key=lambda folder: (folder.run_file.stat().st_mtime, folder.name))


def write_run_facts(folder: RunFolder, space_text: str, facts: dict[str, Any]) -> None:
    """Write space.yaml and, last, run.json: a folder with run.json is a whole one."""
    from cnnsearch.records.files import write_bytes

    write_bytes(folder.space_file, space_text.encode())
    write_json(folder.run_file, {"version": FORMAT_VERSION, **facts})


def _refuse_taken(path: Path) -> None:
    if not path.exists():
        return
    is_run = (path / "run.json").exists()
    other = f", or go on with `cnnsearch resume {called(path)}`" if is_run else " (it is no run)"
    raise RunError(f"{path} exists already: choose another --name{other}")


def _make(path: Path) -> Path:
    path.mkdir()
    return path


def _make_numbered(runs: Path, space_name: str) -> Path:
    stem = re.sub(r"[^\w.-]+", "-", space_name).strip("-.") or "run"
    number = 1
    while True:
        try:
            return _make(runs / f"{stem}-{number}")
        except FileExistsError:
            number += 1


def _acquire(file: IO[bytes], *, shared: bool = False) -> bool:
    """Lock `file` if no process holds it; shared, those who only look do not hinder each other."""
    if os.name == "nt":  # no flock: a run in progress is not detected there
        return True
    import fcntl

    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
