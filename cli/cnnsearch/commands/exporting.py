"""What `cnnsearch export` does around the export: it loads TensorFlow, quietly and on the CPU."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnsearch.records.folder import RunFolder


def write_export(
    folder: RunFolder, *, trial: int | None, formats: Sequence[str], out: Path | None
) -> dict[str, Any]:
    """Export a trial of a run; tell on stderr what is being done.

    Raises:
        UsageError: The run, or what is to be exported, cannot be used.
        StoppedError: The disk is full; the export of before is as it was.
    """
    from cnnsearch.errors import StoppedError, UsageError, disk_is_full
    from cnnsearch.stderr import quiet_tensorflow

    folder.read_facts()  # before anything slow
    what = f"{folder.name}" if trial is None else f"trial {trial} of {folder.name}"
    print(f"exporting {what}", file=sys.stderr)
    try:
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # a training may hold the GPU
        with quiet_tensorflow():
            from cnnsearch.tuning.worker.exporting import export_again

            return export_again(folder, trial=trial, formats=formats, out=out)
    except Exception as error:
        if disk_is_full(error):
            raise StoppedError(
                "the disk is full: nothing was exported, and an export of before is as it was; "
                "free some space, then export again"
            ) from error
        if isinstance(error, OSError):
            where = f"{error.filename}: " if error.filename else ""
            reason = error.strerror or error
            raise UsageError(f"{where}the export cannot be written: {reason}") from error
        raise
