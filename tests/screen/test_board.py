"""The board knows what the events tell, and no event breaks it."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from cnnsearch.screen.board import Board
from cnnsearch.screen.fields import Event
from cnnsearch.screen.lines import describe
from cnnsearch.screen.view import View

Tell = Callable[..., list[Event]]

NAMES = [
    *("run_started", "worker_started", "worker_ready", "worker_ended", "trial_started"),
    *("progress", "look", "trial_ended", "infeasible", "phase", "finish_progress", "finished"),
    *("tested", "exported", "stopping", "stopped", "warning", "measured", "never heard of"),
]
KEYS = [
    *("latencies", "latency", "latency_batch64"),
    *("trial", "step", "value", "state", "settings", "parameters", "macs", "loss", "accuracy"),
    *("next_look", "top_step", "of_step", "count", "reasons", "phase", "message", "reason"),
    *("budget", "dataset", "objectives", "run", "space", "elapsed_s", "time_s", "reserve_s"),
    *(
        "annealed_steps",
        "started_from",
        "scored_step",
        "path",
        "format",
        "size_bytes",
        "low",
        "high",
        "exit_code",
        "shape",
        "classes",
        "trials",
    ),
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=6,
)
strange_events = st.builds(
    lambda name, facts: {**facts, "event": name},
    st.sampled_from(NAMES) | json_values,
    st.dictionaries(st.sampled_from(KEYS), json_values, max_size=8),
)


def apply_all(events: list[Event], board: Board | None = None) -> Board:
    board = board or Board()
    for event in events:
        board.apply(event)
    return board


def assert_shows(board: Board, events: list[Event], width: int, height: int) -> None:
    console = Console(file=StringIO(), width=width, height=height)
    for event in events:
        board.apply(event)
        line = describe(board, event)

        assert line is None or "\n" not in line
    console.print(View(board))


@given(st.lists(strange_events, max_size=12), st.integers(1, 120), st.integers(1, 40))
def test_no_event_breaks_the_screen(events: list[Event], width: int, height: int) -> None:
    assert_shows(Board(), events, width, height)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_order_and_subset_of_events_can_be_shown(
    search_events: list[Event], end_events: list[Event], data: st.DataObject
) -> None:
    events = data.draw(st.lists(st.sampled_from(search_events + end_events), max_size=30))
    cut: list[Event] = [
        {key: value for key, value in event.items() if data.draw(st.booleans())} for event in events
    ]

    assert_shows(Board(), cut, 80, 24)


def test_the_best_come_first_and_are_five(board: Board) -> None:
    assert [trial.number for trial in board.best()] == [3, 0, 1, 5, 4]


def test_the_least_value_is_the_best_where_less_is_better(trial_events: Tell) -> None:
    losses = [*trial_events(0, "complete", 0.5), *trial_events(1, "complete", 0.4)]

    board = apply_all(losses, Board("val_loss", "min"))

    assert [trial.number for trial in board.best()] == [1, 0]


def test_the_run_says_what_is_best() -> None:
    board = apply_all([{"event": "run_started", "objectives": {"val_loss": "min"}}])

    assert (board.objective, board.direction) == ("val_loss", "min")


def test_with_several_objectives_the_best_are_those_that_no_other_dominates(
    trial_events: Tell,
) -> None:
    objectives = {"val_accuracy": "max", "macs": "min", "latency": "min"}
    events: list[Event] = [{"event": "run_started", "objectives": objectives}]
    for number, (value, macs, latency_ms) in enumerate(
        [(0.9, 9_000, 5.0), (0.8, 9_000, 5.0), (0.8, 9_500, 4.0), (0.5, 1_000, 6.0)]
    ):
        begun, *others = trial_events(number, "complete", value)
        measured = {"event": "measured", "trial": number, "latencies": {"latency": latency_ms}}
        events += [{**begun, "macs": macs}, measured, *others]

    board = apply_all([*events, *trial_events(4, "over_limit", None, "latency 9 ms > 5 ms")])

    assert (board.objective, board.direction) == ("val_accuracy", "max")
    assert [trial.number for trial in board.front()] == [0, 2, 3]
    assert [trial.number for trial in board.best(2)] == [0, 2]
    assert board.counts() == {"complete": 4, "over_limit": 1}
    assert board.notice is None


def test_of_equals_the_cheapest_is_the_best_as_it_would_be_the_winner(
    trial_events: Callable[..., list[Event]],
) -> None:
    events: list[Event] = []
    for number, parameters in enumerate((9_000, 4_000, 4_000)):
        begun, *others = trial_events(number, "complete", 0.9)
        events += [{**begun, "parameters": parameters}, *others]

    assert [trial.number for trial in apply_all(events).best()] == [1, 2, 0]


def test_of_equal_values_the_earlier_trial_is_first(trial_events: Tell) -> None:
    board = apply_all([*trial_events(4, "pruned", 0.5), *trial_events(2, "pruned", 0.5)])

    assert [trial.number for trial in board.best()] == [2, 4]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), None, "0.9", True])
def test_what_is_no_finite_number_is_never_among_the_best(trial_events: Tell, value: Any) -> None:
    board = apply_all(trial_events(0, "complete", value))

    assert board.best() == []


def test_a_failed_trial_is_not_among_the_best_even_with_a_value(trial_events: Tell) -> None:
    board = apply_all(trial_events(0, "crashed", 0.99))

    assert board.best() == []


def test_a_trial_is_ranked_from_its_first_look_on(trial_events: Tell) -> None:
    board = apply_all(trial_events(0, "goes on", 0.7)[:-1])

    assert [trial.value for trial in board.best()] == [0.7]


def test_a_trial_has_the_best_of_its_scores_and_the_step_where_it_had_it(board: Board) -> None:
    looks = [(60, 0.7), (140, 0.85), (180, 0.8)]
    events: list[Event] = [
        {"event": "look", "trial": 6, "step": step, "value": value, "verdict": "goes on"}
        for step, value in looks
    ]

    apply_all([*events, {"event": "progress", "trial": 6, "step": 200}], board)

    trial = board.trials[6]
    assert (trial.value, trial.scored_step, trial.step) == (0.85, 140, 200)


def test_counts_tell_how_trials_ended(board: Board) -> None:
    assert board.counts() == {"complete": 2, "pruned": 3, "diverged": 1, "running": 1}


def test_a_trial_that_waits_is_counted_and_one_that_its_run_left_is_unfinished(
    board: Board,
) -> None:
    board.apply({"event": "trial_paused", "trial": 3})
    board.apply({"event": "stopped", "reason": "SIGINT", "exit_code": 130})

    counts = {"complete": 1, "pruned": 3, "diverged": 1, "paused": 1, "unfinished": 1}
    assert board.counts() == counts


def test_a_trial_that_is_tried_again_counts_once(trial_events: Tell) -> None:
    board = apply_all([*trial_events(0, "crashed", None), *trial_events(0, "complete", 0.8)])

    assert board.counts() == {"complete": 1}


def test_the_trial_in_progress_is_current_until_it_ends(board: Board) -> None:
    (current,) = board.in_flight
    board.apply({"event": "trial_ended", "trial": 6, "state": "pruned", "value": 0.5})

    assert (current.number, current.step, current.next_look) == (6, 96, 140)
    assert board.in_flight == []


def test_a_dead_worker_leaves_no_trial_in_progress(board: Board) -> None:
    board.apply({"event": "worker_ended", "exit_code": -9, "reason": "killed by signal 9"})

    assert board.in_flight == []
    assert board.notice == "worker ended: killed by signal 9"
    assert board.counts()["running"] == 1  # another worker takes it up


def test_after_a_dead_worker_a_new_one_is_told_when_it_has_begun(board: Board) -> None:
    ended: Event = {"event": "worker_ended", "exit_code": -9, "reason": "killed by signal 9"}

    apply_all([ended, {"event": "worker_started", "pid": 8}], board)

    assert board.notice == "worker ended: killed by signal 9; a new one goes on"


def test_a_trial_that_was_out_of_time_keeps_its_score_and_is_counted_apart(
    trial_events: Tell,
) -> None:
    board = apply_all([*trial_events(0, "pruned", 0.7), *trial_events(1, "stopped", 0.8)])

    assert [trial.number for trial in board.best()] == [1, 0]
    assert board.counts() == {"pruned": 1, "stopped": 1}


def test_an_annealing_that_was_interrupted_is_not_one_of_the_next_session(board: Board) -> None:
    events: list[Event] = [
        {"event": "phase", "phase": "finish", "trial": 3},
        {"event": "run_started", "resumed": True},
        {"event": "finished", "trial": 3, "value": 0.9, "annealed_steps": 0},
    ]

    finish = apply_all(events, board).finish

    assert finish is not None
    assert finish.ended is not None
    assert not finish.anneals


def test_each_worker_has_a_trial_of_its_own(board: Board) -> None:
    board.apply({"event": "trial_started", "trial": 7, "worker": 1})
    board.apply({"event": "progress", "trial": 6, "step": 100, "worker": 0})

    assert [trial.number for trial in board.in_flight] == [6, 7]


def test_a_dead_worker_leaves_the_trials_of_the_others_alone(board: Board) -> None:
    board.apply({"event": "trial_started", "trial": 7, "worker": 1})
    board.apply({"event": "worker_ended", "worker": 0, "exit_code": -9, "reason": "killed"})

    assert [trial.number for trial in board.in_flight] == [7]
    assert board.trials[6].state == "running"


def test_a_trial_taken_up_by_another_worker_is_in_flight_once(board: Board) -> None:
    board.apply({"event": "worker_ended", "worker": 0, "exit_code": -9, "reason": "killed"})
    board.apply({"event": "trial_started", "trial": 6, "worker": 1, "step": 96})

    assert [(trial.number, trial.state) for trial in board.in_flight] == [(6, "running")]


def test_a_worker_with_nothing_left_to_search_is_no_news(board: Board) -> None:
    board.apply({"event": "worker_ended", "worker": 0, "exit_code": 13, "reason": "nothing left"})

    assert not board.worker_died
    assert board.notice == "trial 2 diverged: the loss is NaN"


def test_infeasible_candidates_of_workers_side_by_side_add_up(board: Board) -> None:
    events: list[Event] = [
        {"event": "infeasible", "count": 250, "reasons": {}, "worker": 0},
        {"event": "infeasible", "count": 3, "reasons": {}, "worker": 1},
        {"event": "infeasible", "count": 5, "reasons": {}, "worker": 1},
    ]

    assert apply_all(events, board).infeasible == 255


def test_infeasible_candidates_add_up_over_workers(board: Board) -> None:
    events: list[Event] = [
        {"event": "infeasible", "count": 250, "reasons": {}},
        {"event": "worker_started", "pid": 8},
        {"event": "infeasible", "count": 3, "reasons": {}},
    ]

    assert apply_all(events, board).infeasible == 253


def test_a_resumed_run_keeps_what_was_found(search_events: list[Event], board: Board) -> None:
    board.apply({"event": "stopped", "reason": "SIGINT", "exit_code": 130})
    board.apply({**search_events[0], "resumed": True})

    assert board.best()[0].number == 3
    assert board.in_flight == []
    assert not board.ended


def test_time_left_counts_down_from_the_budget(board: Board) -> None:
    left_s = board.time_left_s()

    assert left_s == 180.0 - board.elapsed_s
    assert board.time_left_s(10.0) == left_s - 10.0
    assert board.time_left_s(1000.0) == 0.0


def test_without_a_time_budget_no_time_is_left_to_tell() -> None:
    board = apply_all([{"event": "run_started", "budget": {"time_s": None, "trials": 20}}])

    assert board.time_left_s() is None
    assert board.budget.trials == 20


def test_the_end_is_known(board: Board, end_events: list[Event]) -> None:
    apply_all(end_events, board)

    assert board.ended
    assert board.finish is not None
    assert board.finish.ended is not None
    assert (board.finish.trial, board.finish.ended["value"]) == (3, 0.905)
    assert board.tested["accuracy"] == 0.8965
    assert [export["format"] for export in board.exports] == ["keras"]


def test_a_format_exported_again_is_listed_once(board: Board, end_events: list[Event]) -> None:
    apply_all([*end_events, *end_events], board)

    assert len(board.exports) == 1
