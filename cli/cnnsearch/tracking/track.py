"""Follows a run and logs its trials to other programs, as they go or after their end."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Protocol

from cnnsearch.errors import CnnsearchError, RunError
from cnnsearch.records.claims import held
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.following import follow
from cnnsearch.tracking.run_log import RunLog, TrialLog
from cnnsearch.tracking.targets import Targets, first_line, refuse_unusable


class Sink(Protocol):
    """A program that shows trials."""

    name: str

    def log_trial(self, trial: TrialLog, run: RunLog) -> None:
        """Write of a trial what is not written yet, by this session or an earlier one."""

    def log_run(self, run: RunLog) -> None:
        """Write what the run as a whole has found; no process works on it any more."""


def track(folder: RunFolder, targets: Targets) -> None:
    """Log a run to its end.

    Training knows nothing of it: the run's own files are read, by one process for all workers.

    Raises:
        RunError: Another process does so already, which is told before a server is asked.
        UsageError: One of the programs is not installed or does not answer.
        CnnsearchError: One of the programs took no more.
    """
    with _alone(folder):
        refuse_unusable(targets)
        _Tracking(folder, _sinks(folder, targets)).run()


@contextlib.contextmanager
def _alone(folder: RunFolder) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(held(folder.path / ".tracking.lock", wait=False))
        except BlockingIOError:
            raise RunError(
                f"the run {folder.name} is being logged by another process, to any program; wait "
                "for its end or stop it: the same command then adds what is missing"
            ) from None
        yield


def _sinks(folder: RunFolder, targets: Targets) -> list[Sink]:
    sinks: list[Sink] = []
    if targets.tensorboard:
        from cnnsearch.tracking.tensorboard_log import TensorBoardLog

        sinks.append(TensorBoardLog(folder.tensorboard))
    if targets.mlflow is not None:
        from cnnsearch.tracking.mlflow_log import MlflowLog

        sinks.append(MlflowLog(targets.mlflow))
    return sinks


class _Tracking:
    """Passes what changes on; a program that fails gets no more, and the others go on."""

    def __init__(self, folder: RunFolder, sinks: list[Sink]) -> None:
        self._run = RunLog(folder)
        self._sinks = sinks
        self._failures: list[str] = []

    def run(self) -> None:
        changed: set[int] = set()
        for event in follow(self._run.folder):
            if event is not None:
                changed |= self._run.apply(event)
                continue
            for number in sorted(changed):
                self._log_trial(self._run.trials[number])
            changed.clear()
        if self._run.started:
            self._each(lambda sink: sink.log_run(self._run))
        if self._failures:
            raise CnnsearchError("\n".join(self._failures))

    def _log_trial(self, trial: TrialLog) -> None:
        self._each(lambda sink: sink.log_trial(trial, self._run))

    def _each(self, write: Callable[[Sink], None]) -> None:
        for sink in list(self._sinks):
            try:
                write(sink)
            except Exception as error:  # whatever the libraries raise, servers and disks
                self._sinks.remove(sink)
                again = "`cnnsearch track` completes the log"
                failure = f"{sink.name} took no more: {first_line(error)}; {again}"
                self._failures.append(failure)
                print(failure, file=sys.stderr, flush=True)
