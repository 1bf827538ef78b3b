"""A run is followed from outside: each event once, in order, to the end of its process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cnnsearch.records import following
from cnnsearch.records.events import Event, EventTail, Heartbeat, Progress
from cnnsearch.records.files import append_json_line
from cnnsearch.records.folder import RunFolder

STARTED = {"event": "run_started", "elapsed_s": 0.0}
LOOK = {"event": "look", "trial": 0, "elapsed_s": 5.0}


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


def seen(events: Iterator[Event | None]) -> list[str]:
    return [event["event"] for event in events if event is not None]


def steps(*actions: Callable[[], object]) -> Callable[[float], None]:
    """Return a way to wait in which one thing happens after the other."""
    left = list(actions)

    def wait(time_s: float) -> None:
        if left:
            left.pop(0)()

    return wait


def test_a_run_that_has_ended_is_told_once(folder: RunFolder) -> None:
    append_json_line(folder.events, STARTED)
    append_json_line(folder.events, LOOK)

    assert seen(following.follow(folder)) == ["run_started", "look"]


def test_what_happens_is_told_until_the_process_is_gone(folder: RunFolder) -> None:
    append_json_line(folder.events, STARTED)
    with folder.lock() as lock:
        wait = steps(lambda: append_json_line(folder.events, LOOK), lock.close)

        told = [name for name in seen(following.follow(folder, wait)) if name != "time"]

    assert told == ["run_started", "look"]


def test_a_run_that_is_about_to_begin_is_waited_for(folder: RunFolder) -> None:
    wait = steps(lambda: None, lambda: append_json_line(folder.events, STARTED))

    assert seen(following.follow(folder, wait)) == ["run_started"]


def test_a_run_that_never_begins_is_not_waited_for_for_ever(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BEGIN_PATIENCE_S", 0.0)

    assert seen(following.follow(folder)) == []


def test_progress_is_told_while_it_is_news(folder: RunFolder) -> None:
    append_json_line(folder.events, LOOK)
    progress = Progress(folder.progress)
    progress.write({"event": "progress", "worker": 0, "elapsed_s": 4.0})
    progress.write({"event": "progress", "worker": 1, "elapsed_s": 6.0})
    with folder.lock() as lock:
        wait = steps(lambda: None, lock.close)
        told = [event for event in following.follow(folder, wait) if event is not None]

    assert [event["worker"] for event in told if event["event"] == "progress"] == [1]


def test_the_progress_of_a_run_that_was_killed_is_not_told(folder: RunFolder) -> None:
    append_json_line(folder.events, STARTED)
    Progress(folder.progress).write({"event": "progress", "worker": 0, "elapsed_s": 4.0})

    assert seen(following.follow(folder)) == ["run_started"]


def test_time_passes_by_the_heartbeat(folder: RunFolder) -> None:
    append_json_line(folder.events, STARTED)
    Heartbeat(folder.heartbeat).beat(7.0)
    with folder.lock() as lock:
        told = [event for event in following.follow(folder, steps(lock.close)) if event]

    assert [event["elapsed_s"] for event in told if event["event"] == "time"] == [7.0]


def test_following_writes_nothing(folder: RunFolder) -> None:
    append_json_line(folder.events, STARTED)
    Heartbeat(folder.heartbeat).beat(7.0)
    before = {path.name: path.stat().st_mtime_ns for path in folder.path.iterdir()}

    seen(following.follow(folder))

    assert {path.name: path.stat().st_mtime_ns for path in folder.path.iterdir()} == before


def test_a_line_is_read_when_it_is_whole_and_a_broken_one_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    tail = EventTail(path)
    path.write_bytes(b'{"event":"a"}\n{"eve')
    first = tail.read()
    with path.open("ab") as file:
        file.write(b'nt":"b"}\n{"event":"c\n{"event":"d"}\n7\n')

    assert first == [{"event": "a"}]
    assert tail.read() == [{"event": "b"}, {"event": "d"}]
    assert tail.read() == []


@pytest.mark.parametrize("content", [b"", b'{"0": {"event": "progr', b"7", b'{"0": 7}', b"\xff"])
def test_progress_that_cannot_be_read_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "progress.json"
    path.write_bytes(content)

    assert Progress(path).read() == []


def test_progress_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    progress = Progress(tmp_path / "no folder" / "progress.json")
    progress.write({"event": "progress"})

    assert progress.read() == []
