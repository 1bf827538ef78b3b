"""Reasons to leave the search loop that are not the trial's fault."""

from __future__ import annotations

from keras_tuner import errors


class Interrupted(errors.FatalError):
    """The worker was asked to stop, and has saved what it was doing."""


class DiskFull(errors.FatalError):
    """Nothing can be written any more."""


class MemoryGrown(errors.FatalError):
    """The process has grown past its limit and wants to be replaced by a fresh one."""
