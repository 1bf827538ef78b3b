"""Every error a user can meet, and the exit code it ends with.

CnnsearchError                 1   something we did not foresee
├── UsageError                 2   a wrong argument, file or folder
│   ├── SpaceError             2   the search space is not valid: all problems at once
│   ├── DataError              2   the dataset cannot be used
│   ├── RunError               2   the run folder cannot be used
│   │   ├── OutdatedRunError   2   an earlier version of this program wrote it
│   │   └── RunInProgressError 75  another process works on it: the run is well, try later
│   ├── ModelError             2   the exported model cannot be used
│   └── MissingExtraError      2   what it needs is not installed
├── GateFailedError            3   a finished run does not keep to its limits
├── NothingFeasibleError       4   no candidate can be built and is within the limits
├── AllTrialsFailedError       5   every trial ended in failure
└── StoppedError              75   stopped early, state saved: `cnnsearch resume` goes on;
                                   130 and 143 where a signal asked for it
"""

from __future__ import annotations

import errno
import os
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)  # no space, or no more allowed


def disk_is_full(error: Exception) -> bool:
    """Tell whether `error` says that nothing more can be written.

    Libraries that write files by themselves keep the system's words only: TensorFlow tells of a
    full disk by the error that it has for full memory.
    """
    if isinstance(error, OSError) and error.errno in FULL:
        return True
    return any(os.strerror(number) in str(error) for number in FULL)


BY_SIGNAL = (130, 143)  # SIGINT and SIGTERM as a shell reports them: asked for, so no error


class CnnsearchError(Exception):
    """The root: `message` is for the user, `exit_code` for the shell."""

    exit_code: int = 1
    label: str = "Error"  # what the message begins with


class UsageError(CnnsearchError):
    """What was asked for cannot be done as it was asked."""

    exit_code = 2


@dataclass(frozen=True, order=True)
class Problem:
    """One fault in a search space: where it is, which setting, and what was expected."""

    where: str  # "small.yaml:4:10", or the option that was typed: "--set"
    path: str  # "architecture.stages.depth"; empty for the file as a whole
    message: str

    @property
    def is_of_option(self) -> bool:
        """Return whether an option is at fault, not a file."""
        return self.where.startswith("--")

    @property
    def position(self) -> tuple[str, int, int] | None:
        """Return the file, line and column at fault, where they are known."""
        found = re.fullmatch(r"(.+):(\d+):(\d+)", self.where, re.DOTALL)
        return None if found is None else (found[1], int(found[2]), int(found[3]))


class SpaceError(UsageError):
    """The search space is not valid; `problems` holds every fault found.

    Without problems there is no search space, and `heading` says why.
    """

    def __init__(
        self, source: str, problems: Sequence[Problem], heading: str | None = None
    ) -> None:
        self.source = source
        self.problems = tuple(problems)
        self.heading = heading or _space_heading(source, self.problems)
        width_where = max((len(problem.where) for problem in self.problems), default=0)
        width_path = max((len(problem.path) for problem in self.problems), default=0)
        lines = [self.heading]
        lines += [
            f"  {fault.where:<{width_where}}  {fault.path:<{width_path}}  {fault.message}".rstrip()
            for fault in self.problems
        ]
        super().__init__("\n".join(lines))


def _space_heading(source: str, problems: Sequence[Problem]) -> str:
    if problems and all(problem.is_of_option for problem in problems):
        return f"the options do not fit the search space {source}"
    return f"{source} is not a valid search space"


class DataError(UsageError):
    """The dataset is missing, damaged or does not fit."""


class RunError(UsageError):
    """The run folder is missing, in use, damaged or from another version."""


class OutdatedRunError(RunError):
    """An earlier version of this program wrote the run, or the summary of one."""


class RunInProgressError(RunError):
    """Another process works on the run now: a script that cleans up after errors must leave it."""

    exit_code = 75


class ModelError(UsageError):
    """The exported model is missing, damaged or none of ours."""


class MissingExtraError(UsageError):
    """What was asked for needs an extra of this package that is not installed."""

    def __init__(self, message: str, extra: str) -> None:
        super().__init__(f"{message}\ninstall it with: {_installing(extra)}")


def _installing(extra: str) -> str:
    """Return the command that installs an extra: from the clone that this is, if it is one."""
    clone = Path(__file__).parents[2]
    is_clone = (clone / "pyproject.toml").is_file()
    place = ["-e", f"{clone}[{extra}]"] if is_clone else [f"cnnsearch[{extra}]"]
    return shlex.join([sys.executable, "-m", "pip", "install", *place])


class GateFailedError(CnnsearchError):
    """A finished run breaks a limit that its space sets, or is worse than its baseline."""

    exit_code = 3


class NothingFeasibleError(CnnsearchError):
    """No candidate of the space can be built and is within the limits."""

    exit_code = 4


class AllTrialsFailedError(CnnsearchError):
    """Trials ran, and every one of them failed."""

    exit_code = 5


class StoppedError(CnnsearchError):
    """The run stopped before its end with its state saved; `exit_code` says why, for the shell."""

    exit_code = 75

    def __init__(self, message: str, exit_code: int = 75) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        if exit_code in BY_SIGNAL:
            self.label = "Stopped"


def error_of_code(message: str, exit_code: int) -> CnnsearchError:
    """Return the error that another process told of by its message and its exit code."""
    kinds = (UsageError, NothingFeasibleError, AllTrialsFailedError, StoppedError)
    return next((kind for kind in kinds if kind.exit_code == exit_code), CnnsearchError)(message)
