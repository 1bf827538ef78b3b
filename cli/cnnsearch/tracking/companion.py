"""`cnnsearch track` as a process beside a run that it logs."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator

from cnnsearch.records.folder import RunFolder
from cnnsearch.tracking.targets import Targets

PATIENCE_S = 30.0  # from the end of the run: a server may be slow
STOPPING_PATIENCE_S = 2.0  # where the run was stopped, whoever stops it may not wait for long
NICENESS = 10  # training goes before


@contextlib.contextmanager
def tracked(folder: RunFolder, targets: Targets) -> Iterator[None]:
    """Log the run to the targets while it goes on; where there are none, do nothing."""
    if not targets:
        yield
        return
    process = _start(folder, targets)
    patience_s = STOPPING_PATIENCE_S
    try:
        yield
        patience_s = PATIENCE_S
    finally:
        _see_off(process, folder, targets, patience_s)


def _start(folder: RunFolder, targets: Targets) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "cnnsearch", "track", str(folder.path), *targets.arguments()]
    with folder.tracking_log.open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the run; this process ends after it
        )
    if os.name != "nt":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    return process


def _see_off(
    process: subprocess.Popen[bytes], folder: RunFolder, targets: Targets, patience_s: float
) -> None:
    """Wait until all is logged; say where it is not, which is no fault of the run."""
    try:
        code = process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    if code:
        again = f"cnnsearch track {folder.called} {shlex.join(targets.arguments())}"
        print(
            f"warning: not all of {folder.name} was logged (see {folder.tracking_log}); "
            f"`{again}` completes the log",
            file=sys.stderr,
        )
