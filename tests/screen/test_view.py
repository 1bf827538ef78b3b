"""The screen shows what matters and fits the terminal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.cells import cell_len
from rich.console import Console

from cnnsearch.screen.board import Board
from cnnsearch.screen.fields import Event
from cnnsearch.screen.view import HINT, WATCHING, View

SEARCHING = """\
cnnsearch  night-1  CPU, 2 cores
small on fashion (28x28x1, 10 classes, 9,000 training images)

time             ━━━━━━━━──────░░░░ 1m 36s left of 3m, ░ kept for the winner
trial 6          61.7k parameters, 2.1M MACs
stem.width=56
to next look     ━━━━━━━━━━━━────── step 96 of 140
to full training ━───────────────── step 96 of 1,260
loss 0.5123  accuracy 0.8123  4,210 images/s

best  val_accuracy  parameters  MACs  at step  settings unlike trial 0's
   3        0.9000       61.7k  2.1M      140  stem.width=32
   0        0.8000       61.7k  2.1M      140  stem.width=8
   1        0.7000       61.7k  2.1M      140  stem.width=16
   5        0.6500       61.7k  2.1M      140  stem.width=48
   4        0.6000       61.7k  2.1M      140  stem.width=40

7 trials: 2 complete, 3 pruned, 1 failed, 1 running; 240 outside the limits
trial 2 diverged: the loss is NaN
Ctrl-C stops and saves; twice: at once
"""


def test_a_search_in_80_columns(board: Board, render: Callable[..., str]) -> None:
    assert render(View(board)) == SEARCHING


def test_with_several_objectives_the_front_is_shown(
    search_events: list[Event], render: Callable[..., str]
) -> None:
    board = Board()
    for event in search_events:
        board.apply(event)
        if event["event"] == "run_started":
            objectives = {"val_accuracy": "max", "latency": "min"}
            board.apply({**event, "objectives": objectives})
    for number, latency_ms in enumerate([5.0, 0.25, 9.0, 7.5, 9.0, 9.0, 12.5]):
        latencies = {"latency": latency_ms}
        board.apply({"event": "measured", "trial": number, "latencies": latencies})

    lines = render(View(board)).splitlines()

    assert "trial 6          61.7k parameters, 2.1M MACs, latency 12.5 ms" in lines
    at = next(index for index, line in enumerate(lines) if line.startswith("front"))
    assert lines[at : at + 5] == [
        "front of 3  val_accuracy  parameters  MACs  latency  at step  settings unlike t…",
        "         3        0.9000       61.7k  2.1M   7.5 ms      140  stem.width=32",
        "         0        0.8000       61.7k  2.1M     5 ms      140  stem.width=8",
        "         1        0.7000       61.7k  2.1M   250 us      140  stem.width=16",
        "",
    ]


def test_a_network_over_a_measured_limit_is_no_trial_of_the_budget(
    render: Callable[..., str],
) -> None:
    board = Board()
    board.apply({"event": "run_started", "budget": {"trials": 5}})
    for number, state in enumerate(["complete", "over_limit", "over_limit"]):
        board.apply({"event": "trial_ended", "trial": number, "state": state})

    screen = render(View(board))

    assert "1 of 5 trials" in screen
    assert "3 trials: 1 complete, 2 over limit" in screen


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("height", [16, 20, 24, 50])
def test_the_screen_fits(
    board: Board, end_events: list[Event], render: Callable[..., str], width: int, height: int
) -> None:
    board.notice = "a long story " * 30
    screens = [render(View(board), width, height)]
    for event in end_events:
        board.apply(event)
        screens.append(render(View(board), width, height))

    for screen in screens:
        assert len(screen.splitlines()) < height
        assert all(cell_len(line) <= width for line in screen.splitlines())


def test_a_narrow_screen_keeps_the_figures_and_drops_the_settings(
    board: Board, render: Callable[..., str]
) -> None:
    screen = render(View(board), 50)

    assert "   3        0.9000       61.7k  2.1M      140\n" in screen
    assert "settings" not in screen
    assert HINT in screen


def test_a_low_screen_shows_fewer_trials(board: Board, render: Callable[..., str]) -> None:
    screen = render(View(board), 80, 16)

    assert "0.7000" in screen
    assert "0.6500" not in screen


def test_time_goes_on_between_events(board: Board, render: Callable[..., str]) -> None:
    assert "1m 6s left of 3m" in render(View(board, since_s=30.0))


def test_time_stands_still_at_the_end(
    board: Board, end_events: list[Event], render: Callable[..., str]
) -> None:
    for event in end_events:
        board.apply(event)

    assert render(View(board, since_s=30.0)) == render(View(board))


def test_the_end_shows_the_test_accuracy_with_its_interval(
    board: Board, end_events: list[Event], render: Callable[..., str]
) -> None:
    for event in end_events:
        board.apply(event)
    screen = render(View(board))

    assert "test accuracy 0.8965 (95 % interval 0.8824 to 0.9091, 2,000 examples)" in screen
    assert "exported keras (834.6 kB, within 3e-07 of the trained network): runs" in screen
    assert "2m 37s of 3m" in screen
    assert HINT not in screen


def test_of_a_training_without_end_only_the_way_to_the_next_look_is_shown(
    search_events: list[Event], render: Callable[..., str]
) -> None:
    board = Board()
    for event in search_events:
        board.apply({**event, "top_step": None})

    screen = render(View(board))

    assert "step 96 of 140\nloss 0.5123" in screen
    assert "to full training" not in screen


def test_there_is_no_bar_where_the_goal_is_not_known(
    board: Board, render: Callable[..., str]
) -> None:
    board.apply({"event": "look", "trial": 6, "step": 140, "value": 0.7, "verdict": "goes on"})

    assert "\nto next look" + " " * 24 + "step 140\n" in render(View(board))


def test_the_trial_and_the_best_ones_have_their_settings_in_one_order(
    board: Board, render: Callable[..., str]
) -> None:
    for number in range(7):
        rate = 1 if number == 6 else 2
        board.trials[number].settings = {"rate": rate, "flip": str(number), "units": number // 6}
    lines = render(View(board)).splitlines()

    assert "flip=6 rate=1 units=1" in lines
    told = [line.rsplit("  ", 1)[-1] for line in lines if "  flip=" in line]
    assert sorted(told) == ["flip=0", "flip=1", "flip=3", "flip=4", "flip=5"]


def test_a_winner_without_time_to_finish_stays_as_it_was(
    board: Board, render: Callable[..., str]
) -> None:
    board.apply({"event": "finished", "trial": 3, "value": 0.9, "annealed_steps": 0})

    words = "trial 3 stays as it was scored: no time was left to finish it"
    assert words in render(View(board))


@pytest.mark.parametrize("anneals", [True, False])
def test_only_a_winner_that_is_annealed_shows_how_far_that_is(
    board: Board, render: Callable[..., str], anneals: bool
) -> None:
    board.apply({"event": "phase", "phase": "finish", "trial": 3, "anneals": anneals})
    shown = render(View(board))

    assert ("learning rate goes down to zero" in shown) is anneals
    assert ("a look where the search left it" in shown) is not anneals
    assert ("finish  " in shown) is anneals


def test_an_interrupted_run_leaves_the_last_word_to_the_command(
    board: Board, render: Callable[..., str]
) -> None:
    board.apply({"event": "stopped", "reason": "SIGINT", "exit_code": 130})

    assert "SIGINT" not in render(View(board))


def test_a_budget_of_trials_has_a_bar_too(board: Board, render: Callable[..., str]) -> None:
    board.apply({"event": "run_started", "budget": {"trials": 12}})

    assert "6 of 12 trials done, 1m" in render(View(board))


def test_what_a_killed_run_left_in_training_is_unfinished(
    board: Board, render: Callable[..., str]
) -> None:
    assert "1 failed, 1 unfinished" in render(View(board, watching=True, alive=False))


def test_stopping_says_what_a_second_interrupt_does(
    board: Board, render: Callable[..., str]
) -> None:
    board.apply({"event": "stopping", "reason": "SIGINT"})

    assert "SIGINT: saving and stopping; Ctrl-C again: at once" in render(View(board))


def test_names_cannot_style_or_steer_the_terminal(render: Callable[..., str]) -> None:
    board = Board()
    board.apply({"event": "run_started", "run": "[red]a\x1b[2Jb", "space": "x\ny"})

    screen = render(View(board))

    assert "[red]a?[2Jb" in screen
    assert "x y" in screen


def test_a_terminal_without_unicode_gets_ascii(board: Board, render: Callable[..., str]) -> None:
    class AsciiConsole(Console):
        encoding = "ascii"

    console = AsciiConsole(width=80, height=24, color_system=None)
    with console.capture() as capture:
        console.print(View(board))
    screen = capture.get()

    assert screen.isascii()
    assert "time             ========------::::" in screen
    assert len(screen.splitlines()) == len(SEARCHING.splitlines())


@pytest.mark.parametrize("height", [16, 20, 23, 40])
@pytest.mark.parametrize("workers", [2, 5, 30])
def test_several_trials_in_flight_are_shown_as_far_as_there_is_room(
    board: Board, render: Callable[..., str], workers: int, height: int
) -> None:
    for worker in range(1, workers):
        board.apply(
            {"event": "progress", "trial": 6 + worker, "step": 50, "next_look": 60}
            | {"worker": worker}
        )

    lines = render(View(board), height=height).splitlines()

    shown = [line for line in lines if line.startswith("trial ") and " step " in line]
    more = [line for line in lines if line.endswith(" more trials")]
    assert len(lines) < height
    assert len(shown) + sum(int(line.split()[1]) for line in more) == workers
    assert "step 50 of 60" in shown[1]


def test_two_trials_in_flight_are_told_apart_by_their_settings(
    board: Board, render: Callable[..., str]
) -> None:
    settings = {"architecture.stages.width": 24, "training.learning_rate": 0.1}
    board.apply({"event": "trial_started", "trial": 7, "worker": 1, "settings": settings})

    shown = render(View(board), height=40)

    assert "width=24" in shown


def test_who_only_watches_is_not_told_that_ctrl_c_stops_the_run(
    board: Board, render: Callable[..., str]
) -> None:
    watched = render(View(board, watching=True))
    board.apply({"event": "stopping", "reason": "SIGTERM"})
    stopping = render(View(board, watching=True))

    assert WATCHING in watched
    assert HINT not in watched
    assert "SIGTERM: saving and stopping" in stopping
    assert "Ctrl-C" not in stopping
