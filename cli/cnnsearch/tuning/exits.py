"""How a worker ends, as its exit code; every other code means that it crashed."""

from __future__ import annotations

DONE = 0
REPLACE = 10  # it has grown: start a fresh one
STOPPED = 11  # as it was asked to, with its state saved
FAILED = 12  # it has sent a `failed` event that says why
SEARCHED = 13  # nothing is left to search, and another worker finishes the winner
