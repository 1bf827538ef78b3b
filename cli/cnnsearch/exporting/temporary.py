"""Where libraries put their temporary files."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def temporary_files_in(folder: Path) -> Iterator[None]:
    """Have temporary files made in `folder` for as long as the context lasts, then remove them.

    Writing a SavedModel, Keras and TensorFlow have AutoGraph make modules in the temporary folder.
    Their compiled forms stay there, and the modules too where the process is killed.
    """
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(dir=folder, prefix=".temporary-") as own:
        tempfile.tempdir = own
        try:
            yield
        finally:
            tempfile.tempdir = before
