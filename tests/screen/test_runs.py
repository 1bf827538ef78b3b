"""Runs are listed on a line each, and none loses its name or its state."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from cnnsearch.screen.runs import print_runs

ROWS: list[dict[str, Any]] = [
    {"name": "fashion-1", "state": "finished", "started": "2026-01-05T10:11:12+00:00"}
    | {"trials": 16, "value": 0.91, "space": "default", "dataset": "fashion-mnist-mini"}
    | {"test_accuracy": {"accuracy": 0.8985, "low": 0.8845, "high": 0.911, "count": 2000}},
    {"name": "b-1", "state": "damaged"},
]


def listed(width: int, rows: list[dict[str, Any]] = ROWS) -> list[str]:
    stream = StringIO()
    print_runs(rows, Console(file=stream, width=width, color_system=None))
    return stream.getvalue().splitlines()


@pytest.mark.usefixtures("eastern_time")
def test_a_pipe_gets_every_column(capsys: pytest.CaptureFixture[str]) -> None:
    print_runs(ROWS)

    assert capsys.readouterr().out == (
        "run        state     test accuracy           started      trials  best value"
        "  space    dataset\n"
        "fashion-1  finished  0.8985 (0.8845-0.9110)  01-05 12:11      16      0.9100"
        "  default  fashion-mnist-mini\n"
        "b-1        damaged   -                       -                 -           -"
        "  -        -\n"
    )


@pytest.mark.usefixtures("eastern_time")
def test_in_80_columns_figures_stay_whole_and_the_last_columns_are_left_out() -> None:
    assert listed(80)[1] == (
        "fashion-1  finished  0.8985 (0.8845-0.9110)  01-05 12:11      16      0.9100"
    )


def test_the_space_and_the_dataset_are_cut_before_they_are_left_out() -> None:
    assert listed(97)[1].endswith("  0.9100  default  fashion-m…")
    assert listed(94)[1].endswith("  0.9100  default")


@pytest.mark.parametrize("width", [19, 30, 43, 60, 80])
def test_name_and_state_are_whole_however_narrow_it_is(width: int) -> None:
    lines = listed(width)

    assert lines[1].startswith("fashion-1  finished")
    assert all(len(line) <= width for line in lines)


def test_a_name_too_long_for_the_terminal_goes_on_in_the_next_line() -> None:
    lines = listed(20, [{"name": "n" * 30, "state": "finished"}])

    assert "".join(lines[1:]).count("n") == 30 + "finished".count("n")


def test_an_empty_list_says_how_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    print_runs([])

    assert capsys.readouterr().out == "no runs yet: `cnnsearch run` makes one\n"
