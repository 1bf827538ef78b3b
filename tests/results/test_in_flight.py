"""The time of a trial that has not ended is what workers had it for, over all sessions."""

from __future__ import annotations

from typing import Any

from cnnsearch.records.events import Event
from cnnsearch.results.in_flight import Flight, flights


def event(kind: str, elapsed_s: float, **facts: Any) -> Event:
    return {"event": kind, "elapsed_s": elapsed_s, "worker": 0, **facts}


def test_a_trial_goes_on_until_the_end_of_what_is_known() -> None:
    events = [event("trial_started", 5, trial=3, step=0), event("saved", 20, trial=3, step=40)]
    progress = [event("progress", 29, trial=3, step=66)]

    assert flights(events, progress, 30.0) == {3: Flight(step=66, seconds=25.0)}


def test_pauses_stops_and_the_time_between_sessions_do_not_count() -> None:
    events = [
        event("run_started", 0),
        event("trial_started", 10, trial=0, step=0),
        event("trial_paused", 15, trial=0),
        event("trial_started", 16, trial=1, step=0),
        event("worker_ended", 20),
        event("trial_started", 30, trial=0, step=60),
        event("stopped", 33),
        event("run_started", 33),
        event("trial_started", 40, trial=0, step=80),
        event("run_started", 44),  # after a kill
    ]

    found = flights(events, [], 100.0)

    assert found == {0: Flight(step=80, seconds=12.0), 1: Flight(step=0, seconds=4.0)}


def test_workers_side_by_side_have_a_trial_each() -> None:
    events = [
        event("trial_started", 1, trial=0, step=0),
        event("trial_started", 2, trial=1, step=0, worker=1),
        event("trial_ended", 5, trial=1, worker=1),
    ]

    found = flights(events, [], 9.0)

    assert {trial: each.seconds for trial, each in found.items()} == {0: 8.0, 1: 3.0}


def test_a_trial_that_began_again_is_where_it_is_now() -> None:
    events = [
        event("trial_started", 1, trial=0, step=0),
        event("look", 5, trial=0, step=60),
        event("worker_ended", 6),
        event("trial_started", 9, trial=0, step=0),
    ]

    assert flights(events, [], 10.0)[0].step == 0


def test_the_finish_of_the_winner_is_no_trial_in_training() -> None:
    assert flights([], [event("finish_progress", 9, trial=2, step=700)], 10.0) == {}
