"""How a worker talks with its supervisor: events out, as lines of JSON; the wish to stop in."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from queue import SimpleQueue
from typing import Any


class Channel:
    """Sends events; knows whether the worker was asked to stop.

    The end of its standard input is the wish to stop. The supervisor's death closes it too, so
    that no worker outlives its supervisor. A line there says what to do after the search.
    """

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)  # whatever a library prints must not look like an event
        self._stop = threading.Event()
        self._words: SimpleQueue[str] = SimpleQueue()
        self._last_progress = 0.0
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def stop_requested(self) -> bool:
        return self._stop.is_set()

    def request_stop(self) -> None:
        """Stop as if the supervisor had asked for it."""
        self._stop.set()
        self._words.put("")

    def next_word(self) -> str:
        """Wait for what the supervisor says; nothing if it wishes the worker to stop."""
        return self._words.get()

    def send(self, event: str, **facts: Any) -> None:
        """Send one event; a supervisor that is gone is a reason to stop, not an error."""
        try:
            self._out.write(json.dumps({"event": event, **facts}) + "\n")
            self._out.flush()
        except (BrokenPipeError, ValueError):
            self.request_stop()

    def progress_is_due(self) -> bool:
        """Tell, about once a second, that it is time to show progress."""
        now = time.monotonic()
        if now - self._last_progress < 1.0:
            return False
        self._last_progress = now
        return True

    def _listen(self) -> None:
        for line in sys.stdin:
            self._words.put(line.strip())
        self.request_stop()
