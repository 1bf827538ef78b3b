"""Reasons to leave the search loop that are not the trial's fault."""

from __future__ import annotations

from keras_tuner import errors


class Interrupted(errors.FatalError):  # type: ignore[misc]
    """The worker was asked to stop, and has saved what it was doing."""


class MemoryGrown(errors.FatalError):  # type: ignore[misc]
    """The process has grown past its limit and wants to be replaced by a fresh one."""
