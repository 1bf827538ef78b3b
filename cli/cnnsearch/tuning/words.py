"""What a supervisor says to a worker that has nothing left to search, a line each."""

from __future__ import annotations

FINISH = "finish"  # the winner
END = "end"  # another worker finishes it
