"""What `cnnsearch watch` shows of a run that belongs to another process, and how it ends."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnsearch.errors import CnnsearchError
    from cnnsearch.records.events import Event
    from cnnsearch.records.folder import RunFolder

EVENTS_VERSION = 1  # of the lines that `--json` prints


def show_events(folder: RunFolder) -> None:
    """Show the run as its own terminal does, until nobody works on it any more."""
    from cnnsearch.records.following import follow
    from cnnsearch.screen.live import open_screen

    with _leaving(folder), open_screen(watching=True) as screen:
        for event in follow(folder):
            screen.tick() if event is None else screen.handle(event)


def print_events(folder: RunFolder) -> None:
    """Print every event to stdout as a line of JSON, until nobody works on the run any more."""
    from cnnsearch.records.following import follow

    with _leaving(folder):
        for event in follow(folder):
            if event is None:
                sys.stdout.flush()
            elif event["event"] != "time":
                print(_json_line(event))


def end_as_the_run(folder: RunFolder, *, quiet: bool) -> None:
    """Print what a finished run found, unless `quiet`.

    Raises:
        CnnsearchError: The run stopped, failed or was killed.
    """
    from cnnsearch.records.events import read_events
    from cnnsearch.results.summary import read_summary, state_of
    from cnnsearch.screen.tables import print_result

    events = read_events(folder.events)
    state = state_of(folder, events)
    if state != "finished":
        raise _unfinished(folder, state, events)
    if not quiet:
        print_result(read_summary(folder))


@contextlib.contextmanager
def _leaving(folder: RunFolder) -> Iterator[None]:
    """Say, to who ends the view, that the run does not end with it."""
    try:
        yield
    except KeyboardInterrupt:
        print(f"no longer watching; the run {folder.name} is left alone", file=sys.stderr)
        raise


def _unfinished(folder: RunFolder, state: str, events: list[Event]) -> CnnsearchError:
    from cnnsearch.errors import RunError, StoppedError, error_of_code
    from cnnsearch.records.events import Heartbeat, spent_s
    from cnnsearch.screen.fields import text, whole
    from cnnsearch.screen.wording import duration

    if not folder.run_file.exists():
        return RunError(f"{folder.path} is gone: it was moved or deleted while it was watched")
    last = events[-1] if events else {}
    if state == "failed":
        return error_of_code(
            text(last, "reason") or "the run failed", whole(last, "exit_code") or 1
        )
    hint = f"everything is saved; go on with: cnnsearch resume {folder.called}"
    if not events:
        return StoppedError(
            f"the run {folder.name} has not begun, and no process works on it\n{hint}"
        )
    how = f"was stopped ({text(last, 'reason') or 'no reason known'})"
    if state != "stopped":
        time_s = max(spent_s(events), Heartbeat(folder.heartbeat).last_s())
        how = f"was killed after {duration(time_s)}: no process works on it any more"
    return StoppedError(f"the run {folder.name} {how}\n{hint}")


def _json_line(event: Event) -> str:
    """Return an event as JSON that every program can read: what is no number is null."""
    import json

    strict = json.loads(json.dumps(event), parse_constant=lambda _: None)
    return json.dumps({"version": EVENTS_VERSION, **strict})
