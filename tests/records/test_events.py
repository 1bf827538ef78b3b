"""Events tell what happened, on a clock that counts on from one session to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnsearch.records import events
from cnnsearch.records.events import EventLog, Heartbeat, RunClock, read_events, spent_s


class Time:
    """Stands in for the `time` module: stands still unless it is told to go on."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return 1.7e9 + self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    stopped = Time()
    monkeypatch.setattr(events, "time", stopped)
    return stopped


def test_an_event_has_its_times_and_its_facts(tmp_path: Path, clock: Time) -> None:
    log = EventLog(tmp_path / "events.jsonl", RunClock())
    clock.now += 2.5

    log.append(log.stamp("look", trial=3, value=0.5))

    assert read_events(tmp_path / "events.jsonl") == [
        {"time": 1.7e9 + 1002.5, "elapsed_s": 2.5, "event": "look", "trial": 3, "value": 0.5}
    ]


def test_the_run_clock_counts_on_over_sessions_and_not_between_them(
    tmp_path: Path, clock: Time
) -> None:
    path = tmp_path / "events.jsonl"
    for _ in range(3):
        log = EventLog(path, RunClock(spent_s(read_events(path))))
        clock.now += 10
        log.append(log.stamp("trial_ended"))
        clock.now += 1_000  # nobody works on the run

    assert [event["elapsed_s"] for event in read_events(path)] == [10, 20, 30]


def test_a_run_without_events_has_taken_no_time(tmp_path: Path) -> None:
    assert read_events(tmp_path / "events.jsonl") == []
    assert spent_s([]) == 0


def test_the_time_spent_is_that_of_the_latest_event_in_any_order() -> None:
    assert spent_s([{"event": "a", "elapsed_s": 7.5}, {"event": "b"}, {"elapsed_s": 3}]) == 7.5


def test_what_is_no_event_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"event":"a"}\n7\n{"time":1}\nnull\n{"event":"b"}\n{"event":"c')

    assert [event["event"] for event in read_events(path)] == ["a", "b"]


def test_the_heartbeat_is_read_as_it_was_written(tmp_path: Path) -> None:
    heartbeat = Heartbeat(tmp_path / ".elapsed")
    heartbeat.beat(12.5)
    heartbeat.beat(100_000.25)

    assert Heartbeat(tmp_path / ".elapsed").last_s() == 100_000.25


def test_the_heart_beats_once_a_second(tmp_path: Path) -> None:
    heartbeat = Heartbeat(tmp_path / ".elapsed")
    for elapsed_s in (5.0, 5.5, 5.9):
        heartbeat.beat(elapsed_s)

    assert heartbeat.last_s() == 5.0


@pytest.mark.parametrize("content", [None, "", "     12", "\x00\x00\x00\x00", "twelve\n"])
def test_a_heartbeat_that_was_not_written_whole_says_nothing(
    tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / ".elapsed").write_text(content, encoding="ascii")

    assert Heartbeat(tmp_path / ".elapsed").last_s() == 0.0


def test_a_folder_that_cannot_be_written_stops_no_heart(tmp_path: Path) -> None:
    heartbeat = Heartbeat(tmp_path / "gone" / ".elapsed")

    heartbeat.beat(1.0)

    assert heartbeat.last_s() == 0.0
