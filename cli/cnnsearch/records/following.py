"""Follows a run from outside, while another process works on it; nothing is written."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from cnnsearch.records.events import Event, EventTail, Heartbeat, Progress, elapsed_s
from cnnsearch.records.folder import RunFolder

POLL_S = 0.25
BEAT_PATIENCE_S = 3.0  # the supervisor beats every second; after this long its lock is asked
BEGIN_PATIENCE_S = 15.0  # from a run's folder to its first process, which loads libraries


def follow(folder: RunFolder, wait: Callable[[float], None] = time.sleep) -> Iterator[Event | None]:
    """Yield what happens in a run, from its beginning until nobody works on it any more.

    A run that has not begun is waited for, for a short time. Yields None as time passes, and
    after every look at the disk. Of the progress between events only the latest is known, and
    `time` tells how long the run has taken where nothing else did.
    """
    tail, pulse, progress = EventTail(folder.events), _Pulse(folder), Progress(folder.progress)
    patience = time.monotonic() + BEGIN_PATIENCE_S
    told_s, begun, ending = 0.0, False, False
    while True:
        is_alive = pulse.is_alive(
            ending=ending
        )  # asked first: what a process wrote before its end is read
        beat_s, latest, news = pulse.elapsed_s, progress.read(), tail.read()
        begun = begun or bool(news) or is_alive
        if is_alive:
            news += latest
            news.append({"event": "time", "elapsed_s": beat_s})
        for event in news:
            if event["event"] not in _BETWEEN:
                ending = event["event"] == "stopped" or event.get("phase") == "done"
                yield event
            elif elapsed_s(event) > told_s:
                yield event
            told_s = max(told_s, elapsed_s(event))
        yield None
        if not is_alive and (begun or time.monotonic() >= patience):
            return
        wait(POLL_S)


_BETWEEN = ("progress", "finish_progress", "time")  # not among the events: old ones are none


class _Pulse:
    """Whether a process works on a run: a beating heart says so, and else the run's lock.

    The lock is asked as rarely as may be: who begins to work on the run would find it taken.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._heartbeat = Heartbeat(folder.heartbeat)
        self.elapsed_s = self._heartbeat.last_s()
        self._heard = -BEAT_PATIENCE_S

    def is_alive(self, *, ending: bool) -> bool:
        """Tell whether it was heard lately and is not `ending`, or holds the lock."""
        now, beat_s = time.monotonic(), self._heartbeat.last_s()
        if beat_s != self.elapsed_s:
            self.elapsed_s, self._heard = beat_s, now
        if now - self._heard < BEAT_PATIENCE_S and not ending:
            return True
        return self._folder.in_progress()
