"""Where the time went is told over all sessions of a run, and nothing is counted twice."""

from __future__ import annotations

from typing import Any

import pytest

from cnnsearch.records.events import SEARCHED
from cnnsearch.records.trial import TrialRecord
from cnnsearch.results.timing import stages, timing, worker_count


def event(kind: str, elapsed_s: float, **facts: Any) -> dict[str, Any]:
    return {"event": kind, "elapsed_s": elapsed_s, **facts}


def trial(number: int, fit: float, evaluate: float) -> TrialRecord:
    seconds = {"total": fit + evaluate + 1, "fit": fit, "evaluate": evaluate}
    return TrialRecord(number, "pruned", {}, 1, 1, seconds=seconds)


def test_a_run_that_has_not_begun_has_taken_no_time() -> None:
    assert timing([], []) == {
        "elapsed_s": 0.0,
        "import_s": 0,
        "search_s": 0.0,
        "fit_s": 0,
        "evaluate_s": 0,
        "training_share": None,
        "trials": 0,
        "workers": 0,
    }


def test_the_share_is_of_the_time_from_the_import_to_the_last_trial() -> None:
    events = [
        event("run_started", 0),
        event("worker_started", 1),
        event("worker_ready", 5, import_s=3.5),
        event("trial_ended", 14),
        event("trial_ended", 25),
        event("phase", 26),
        event("tested", 60),
    ]

    found = timing(events, [trial(0, 7, 1), trial(1, 9, 1)])

    assert (found["search_s"], found["fit_s"], found["evaluate_s"]) == (20, 16, 2)
    assert found["training_share"] == pytest.approx(0.9)
    assert (found["elapsed_s"], found["import_s"], found["trials"]) == (60, 3.5, 2)


def test_two_sessions_and_a_worker_replaced_add_up() -> None:
    events = [
        event("worker_ready", 5, import_s=3),
        event("trial_ended", 15),
        event("worker_ended", 17),  # killed two seconds into a trial, which is lost
        event("worker_ready", 22, import_s=4),
        event("trial_ended", 32),
        event("stopped", 33),
        event("run_started", 33),
        event("worker_ready", 40, import_s=5),
        event("trial_ended", 60),
    ]

    found = timing(events, [trial(0, 9, 0), trial(1, 9, 0), trial(2, 18, 0)])

    assert found["import_s"] == 12
    assert found["search_s"] == 10 + 10 + 20
    assert found["training_share"] == pytest.approx(0.9)


def test_a_worker_without_a_trial_has_searched_for_no_time() -> None:
    events = [
        event("worker_ready", 5, import_s=3),
        event("worker_ready", 20, import_s=3),
        event("trial_ended", 30),
    ]

    assert timing(events, [])["search_s"] == 10


def test_a_trial_that_never_trained_counts_as_a_trial() -> None:
    crashed = TrialRecord(0, "crashed", {}, 1, 1)

    found = timing([event("worker_ready", 5), event("trial_ended", 6)], [crashed])

    assert (found["trials"], found["fit_s"], found["training_share"]) == (1, 0, 0)


def test_the_time_of_workers_side_by_side_adds_up_with_what_one_was_idle() -> None:
    events = [
        event("worker_ready", 5, worker=0),
        event("worker_ready", 7, worker=1),
        event("trial_ended", 15, worker=0),
        event("trial_ended", 27, worker=1),
    ]

    assert timing(events, [])["search_s"] == 22 + 20


@pytest.mark.parametrize("exit_code", [10, -9])
def test_between_a_worker_and_its_successor_nobody_searches(exit_code: int) -> None:
    events = [
        event("worker_ready", 5, worker=0),
        event("worker_ready", 5, worker=1),
        event("trial_ended", 15, worker=0),
        event("worker_ended", 15, worker=0, exit_code=exit_code),
        event("trial_ended", 24, worker=1),
        event("worker_ready", 25, worker=0),
        event("trial_ended", 35, worker=0),
        event("trial_ended", 35, worker=1),
    ]

    assert timing(events, [])["search_s"] == 10 + 10 + 30


@pytest.mark.parametrize(("exit_code", "searched_s"), [(-9, 10), (SEARCHED, 30)])
def test_a_worker_counts_until_it_died_or_idle_until_the_search_ends(
    exit_code: int, searched_s: int
) -> None:
    events = [
        event("worker_ready", 5, worker=0),
        event("worker_ready", 5, worker=1),
        event("trial_ended", 15, worker=0),
        event("worker_ended", 17, worker=0, exit_code=exit_code),
        event("trial_ended", 35, worker=1),
    ]

    assert timing(events, [])["search_s"] == searched_s + 30


def test_what_was_trained_before_an_interruption_is_time_of_the_search() -> None:
    events = [
        event("worker_ready", 5, worker=0),
        event("saved", 25, worker=0),
        event("stopped", 26),
        event("worker_ready", 31, worker=0),
        event("trial_ended", 41, worker=0),
    ]

    assert timing(events, [trial(0, 27, 2)])["search_s"] == 20 + 10


def test_the_stages_of_a_run_are_all_of_its_time() -> None:
    events = [
        event("run_started", 0.4),
        event("worker_ready", 5.2),
        event("phase", 5.3, phase="search"),
        event("phase", 25.9, phase="finish"),
        event("phase", 40.2, phase="export"),
        event("phase", 61.1, phase="done"),
    ]

    assert stages(events, 61.9) == {"loading": 5, "search": 20, "finish": 15, "export": 21}


def test_a_run_is_loading_whenever_no_worker_is_at_work() -> None:
    events = [
        event("worker_ready", 5, worker=0),
        event("worker_ready", 7, worker=1),
        event("worker_ended", 15, worker=0),  # the other one goes on
        event("worker_ended", 20, worker=1),
        event("worker_ready", 24, worker=0),
        event("run_started", 30),  # resumed
        event("worker_ready", 33, worker=0),
    ]

    assert stages(events, 40) == {"loading": 12, "search": 28, "finish": 0, "export": 0}
    assert worker_count(events) == 2


def test_a_run_that_has_just_begun_is_loading() -> None:
    assert stages([], 3.7) == {"loading": 3, "search": 0, "finish": 0, "export": 0}
