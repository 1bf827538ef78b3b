"""Results are printed whole, honest and readable by other programs."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from cnnsearch.screen.tables import print_result, print_runs, print_show, print_timing

LONG_PATH = "/srv/" + "runs/" * 30 + "saved_model"


@pytest.fixture
def summary() -> dict[str, Any]:
    states = ["complete", "pruned", "diverged", "pruned", "complete", "pruned", "pruned"]
    values = [0.80, 0.70, None, 0.60, 0.90, 0.65, 0.62]
    trials = [
        {"number": number, "state": state, "value": value, "parameters": 61_706, "macs": 2_100_000}
        | {"steps": 140, "seconds": 3.0, "settings": {"architecture.stem.width": number + 1}}
        | {"message": "the loss is NaN" if state == "diverged" else None}
        for number, (state, value) in enumerate(zip(states, values, strict=True))
    ]
    winner = {"trial": 4, "value": 0.905, "parameters": 61_706, "macs": 2_100_000, "steps": 2160}
    export = {"format": "savedmodel", "path": LONG_PATH, "size_bytes": 1_234_567}
    run = {"name": "night-1", "folder": "runs/night-1", "state": "finished", "space": "small"}
    return {
        "version": 1,
        "run": run
        | {"dataset": {"name": "fashion", "shape": [28, 28, 1], "classes": list("ab")}}
        | {"seed": 7, "started": "2026-01-05T10:11:12+00:00", "elapsed_s": 171.2}
        | {"budget": {"time_s": 180.0, "trials": None}, "device": "CPU"},
        "winner": {**winner, "settings": trials[4]["settings"]},
        "validation": {"accuracy": 0.905, "low": 0.885, "high": 0.922, "count": 1000},
        "test": {"accuracy": 0.8965, "low": 0.8824, "high": 0.9091, "count": 2000},
        "counts": {"trials": 7, "complete": 2, "pruned": 4, "diverged": 1},
        "infeasible": {"count": 240, "reasons": {"no map left": 2, "parameters > 500k": 238}},
        "exports": [{**export, "largest_difference": 3e-7}],
        "timing": {"elapsed_s": 171.2, "training_share": 0.93},
        "trials": trials,
    }


def test_the_end_of_a_run(summary: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    print_result(summary)

    assert (
        capsys.readouterr().out
        == f"""\
test accuracy 0.8965 (95 % interval 0.8824 to 0.9091, 2,000 examples)
validation accuracy 0.9050 (95 % interval 0.8850 to 0.9220, 1,000 examples)
winner: trial 4 (61.7k parameters, 2.1M MACs, 2,160 steps)

trial  val_accuracy  parameters  MACs  steps     state  settings
    4        0.9000       61.7k  2.1M    140  complete  width=5
    0        0.8000       61.7k  2.1M    140  complete  width=1
    1        0.7000       61.7k  2.1M    140    pruned  width=2
    5        0.6500       61.7k  2.1M    140    pruned  width=6
    6        0.6200       61.7k  2.1M    140    pruned  width=7

247 candidates looked at: 7 trained, 240 infeasible (never trained)
7 trials: 2 complete, 4 pruned, 1 failed (1 diverged)
the best validation value of 7 is optimistic; the test value is not
exported savedmodel (1.2 MB, differs by 3e-07 at most): {LONG_PATH}
more: cnnsearch show night-1
"""
    )


def test_show_adds_the_settings_the_reasons_and_the_failures(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    print_show(summary)
    lines = capsys.readouterr().out.splitlines()

    assert "dataset    fashion (28x28x1, 2 classes)" in lines
    assert "  architecture.stem.width  5" in lines
    assert "  trial 2 diverged: the loss is NaN" in lines
    assert lines.index("  238 infeasible: parameters > 500k") < lines.index(
        "  2 infeasible: no map left"
    )


def test_the_least_loss_is_the_best_where_the_run_says_so(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    summary["run"]["objectives"] = {"val_loss": "min"}

    print_result(summary)
    out = capsys.readouterr().out

    assert "val_loss" in out
    assert out.index("0.6000") < out.index("0.6200") < out.index("0.8000")


def test_a_run_without_a_winner_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    unfinished: dict[str, Any] = {
        "run": {"name": "night-1"},
        "winner": None,
        "test": None,
        "trials": [],
    }

    print_result(unfinished)

    assert "no winner: no trial has been scored" in capsys.readouterr().out


@pytest.mark.parametrize("content", [{}, {"run": None, "trials": [{}], "exports": [{}]}])
def test_a_summary_with_gaps_is_printed(
    content: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    print_result(content)
    print_show(content)

    assert "looked at" in capsys.readouterr().out


def test_in_a_terminal_tables_keep_their_figures_and_paths_stay_whole(
    summary: dict[str, Any],
) -> None:
    stream = StringIO()

    print_result(summary, Console(file=stream, width=60, color_system=None))

    assert "    4        0.9000       61.7k  2.1M    140  complete  wid" in stream.getvalue()
    assert LONG_PATH in stream.getvalue()


def test_runs_are_listed_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[dict[str, Any]] = [
        {"name": "a-1", "state": "finished", "started": "2026-01-05T10:11:12+00:00", "trials": 16}
        | {"value": 0.9, "test_accuracy": 0.89, "space": "a", "dataset": "fashion"},
        {"name": "b-1", "state": "damaged"},
    ]

    print_runs(rows)

    assert (
        capsys.readouterr().out
        == """\
run  state     started           trials   value  test    space  dataset
a-1  finished  2026-01-05 10:11      16  0.9000  0.8900  a      fashion
b-1  damaged   -                      -       -  -       -      -
"""
    )


def test_an_empty_list_says_how_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    print_runs([])

    assert capsys.readouterr().out == "no runs yet: `cnnsearch run` makes one\n"


def test_timing_has_its_units(capsys: pytest.CaptureFixture[str]) -> None:
    print_timing({"elapsed_s": 171.2, "fit_s": 1.25, "training_share": 0.934, "trials": 7})

    assert (
        capsys.readouterr().out
        == """\
elapsed         2m 51s
fit             1.25s
training share  93.4 %
trials          7
"""
    )
