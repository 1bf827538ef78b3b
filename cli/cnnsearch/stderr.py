"""What reaches stderr of what the libraries say, unless somebody looks for a fault."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

DEBUG_VARIABLE = "CNNSEARCH_DEBUG"  # an environment variable, so that workers inherit it


def debugging() -> bool:
    """Tell whether the user asked for everything, by `--debug` or in the environment."""
    return os.environ.get(DEBUG_VARIABLE) == "1"


@contextmanager
def quiet_tensorflow() -> Iterator[None]:
    """Keep what TensorFlow's native code says from the user, unless debugging.

    It writes before any setting of its log level has an effect, so the file descriptor is turned
    away for as long as the context lasts.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow is loaded
    if debugging():
        yield
        return
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
