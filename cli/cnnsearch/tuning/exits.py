"""How a worker ends, as its exit code; every other code means that it crashed."""

from __future__ import annotations

from cnnsearch.records import events

DONE = 0
REPLACE = 10  # it has grown: start a fresh one
STOPPED = 11  # as it was asked to, with its state saved
FAILED = 12  # it has sent a `failed` event that says why
SEARCHED = events.SEARCHED  # nothing is left to search; those who read a run know it by this
