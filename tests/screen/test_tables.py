"""Results are printed whole, honest and readable by other programs."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from cnnsearch.screen.tables import print_result, print_show, print_timing

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
    winner |= {"value_in_search": 0.9, "annealed_steps": 354}
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
winner: trial 4, val_accuracy 0.9000 in the search, 0.9050 after 354 more steps with the \
learning rate annealed; 61.7k parameters, 2.1M MACs

trial  val_accuracy  parameters  MACs  steps     state  settings
    4        0.9000       61.7k  2.1M    140  complete  width=5
    0        0.8000       61.7k  2.1M    140  complete  width=1
    1        0.7000       61.7k  2.1M    140    pruned  width=2
    5        0.6500       61.7k  2.1M    140    pruned  width=6
    6        0.6200       61.7k  2.1M    140    pruned  width=7

247 candidates looked at: 7 trained, 240 outside the limits (never trained)
7 trials: 2 complete, 4 pruned, 1 failed (1 diverged)
the best validation value of 7 is optimistic; the test value is not
exported savedmodel (1.2 MB, within 3e-07 of the trained network): {LONG_PATH}
more: cnnsearch show night-1; as a page: cnnsearch report night-1
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
    assert lines.index("  238 never trained: parameters > 500k") < lines.index(
        "  2 never trained: no map left"
    )


def test_with_several_objectives_the_front_is_shown(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    summary["run"]["objectives"] = {"val_accuracy": "max", "macs": "min", "latency": "min"}
    for trial in [*summary["trials"], summary["winner"]]:
        trial["measured"] = {"latency": {"median_ms": 2.5, "low_ms": 2, "high_ms": 3}}
    summary["trials"][2] |= {"state": "over_limit", "message": "latency 7.25 ms > 5 ms"}
    summary["counts"] = {"trials": 7, "complete": 2, "pruned": 4, "over_limit": 1}
    grown = [{"trial": 0, "hypervolume": 0.5}, {"trial": 4, "hypervolume": 0.71234}]
    summary["front"] = {"trials": [{"trial": 4}, {"trial": 1}], "hypervolume": grown}

    print_show(summary)

    out = capsys.readouterr().out
    assert (
        """
front of val_accuracy, MACs, latency: 2 trials that no other dominates; the winner has the best \
score; hypervolume 0.712
trial  val_accuracy  parameters  MACs  latency  steps     state  settings
    4        0.9000       61.7k  2.1M   2.5 ms    140  complete  width=5
    1        0.7000       61.7k  2.1M   2.5 ms    140    pruned  width=2

settings of trial 4
"""
        in out
    )
    assert "annealed; 61.7k parameters, 2.1M MACs, latency 2.5 ms\n" in out
    assert (
        "looked at: 6 trained, 1 over a measured limit (not trained), 240 outside the limits" in out
    )
    assert "7 trials: 2 complete, 4 pruned, 1 over limit\n" in out
    assert "  trial 2 over limit: latency 7.25 ms > 5 ms\n" in out


def test_the_least_loss_is_the_best_where_the_run_says_so(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    summary["run"]["objectives"] = {"val_loss": "min"}

    print_result(summary)
    out = capsys.readouterr().out

    assert "val_loss" in out
    assert out.index("0.6000") < out.index("0.6200") < out.index("0.8000")


def test_a_run_without_a_winner_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    begun: dict[str, Any] = {
        "run": {"name": "night-1"},
        "winner": None,
        "test": None,
        "trials": [],
    }

    print_result(begun)

    assert "no winner yet: no trial has been scored" in capsys.readouterr().out


def unfinished(summary: dict[str, Any], state: str) -> dict[str, Any]:
    """Return the summary as it is before the end, the last trial begun and not ended."""
    summary["trials"][-1]["state"] = "running"
    counts = {"trials": 7, "complete": 2, "pruned": 3, "diverged": 1, "running": 1}
    run = {**summary["run"], "state": state}
    nothing: dict[str, Any] = {"winner": None, "validation": None, "test": None, "exports": []}
    return {**summary, **nothing, "run": run, "counts": counts}


@pytest.mark.parametrize("state", ["stopped", "killed"])
def test_a_run_that_was_stopped_tells_the_best_so_far_and_how_to_go_on(
    summary: dict[str, Any], state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_show(unfinished(summary, state))
    out = capsys.readouterr().out

    assert "no winner yet; best so far: trial 4, val_accuracy 0.9000\n" in out
    assert "\ngo on with: cnnsearch resume night-1\n" in out
    assert "\n7 trials: 2 complete, 3 pruned, 1 failed (1 diverged), 1 unfinished\n" in out
    assert "optimistic" not in out


def test_a_run_killed_while_it_exported_tells_how_to_go_on(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    summary["run"]["state"] = "killed"

    print_show(summary)

    assert "\ngo on with: cnnsearch resume night-1\n" in capsys.readouterr().out


def test_a_run_that_goes_on_counts_the_trial_in_training(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    print_show(unfinished(summary, "running"))
    out = capsys.readouterr().out

    assert "resume" not in out
    assert "\n247 candidates looked at: 7 trained, 240 outside" in out
    assert "1 failed (1 diverged), 1 running\n" in out


def test_why_the_search_ended_is_told(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    summary["ended_because"] = {"reason": "trials", "message": "all 7 trials were made"}
    summary["run"]["budget"] |= {"target": 0.95, "patience_s": 60.0}

    print_show(summary)
    out = capsys.readouterr().out

    assert "\nthe search ended: all 7 trials were made\n" in out
    assert "\nbudget     3m, target 0.95, 1m without a better score\n" in out


def test_a_run_elsewhere_is_resumed_by_its_folder(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    summary["run"]["folder"] = "/srv/my runs/night-1"

    print_show(unfinished(summary, "stopped"))

    assert "\ngo on with: cnnsearch resume '/srv/my runs/night-1'\n" in capsys.readouterr().out


def test_a_winner_that_annealing_did_not_change_has_one_value(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    summary["winner"] |= {"value": 0.9, "annealed_steps": 0}

    print_result(summary)

    words = "winner: trial 4, val_accuracy 0.9000 in the search; 61.7k parameters, 2.1M MACs\n"
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(("low", "warns"), [(0.09, True), (0.11, False)])
def test_a_network_that_may_have_learned_nothing_is_told_of(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str], low: float, warns: bool
) -> None:
    summary["run"]["dataset"]["classes"] = 10
    summary["test"]["low"] = low

    print_result(summary)

    words = "that may be no better than guessing one of 10 classes: search for longer\n"
    assert (words in capsys.readouterr().out) is warns


def test_a_winner_that_got_better_after_its_last_look_says_where(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    summary["winner"] |= {"value": 0.91, "annealed_steps": 0}

    print_result(summary)

    words = "val_accuracy 0.9000 in the search, 0.9100 where the search left it; 61.7k parameters"
    assert words in capsys.readouterr().out


def test_a_trial_that_began_with_anothers_weights_says_whose(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    summary["winner"]["parent"] = 1
    best = max(summary["trials"], key=lambda trial: trial["value"] or 0)
    best["parent"] = 1

    print_show(summary)

    out = capsys.readouterr().out
    assert "; it began with the weights of trial 1; 61.7k parameters" in out
    assert ", from trial 1" in out


def test_the_start_is_told_in_local_time_with_its_zone(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str], eastern_time: None
) -> None:
    print_show(summary)

    assert "started    2026-01-05 12:11 UTC+0200\n" in capsys.readouterr().out


def test_a_trial_that_was_cut_short_is_among_the_best_and_no_failure(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    summary["trials"][0] |= {"state": "stopped", "message": "the time to search was over"}

    print_show(summary)
    out = capsys.readouterr().out

    assert "  cut short  width=1\n" in out
    assert "time to search was over" not in out


@pytest.mark.parametrize(
    "content",
    [{}, {"run": None, "trials": [{}], "exports": [{}], "front": {"trials": [{"trial": 9}]}}],
)
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
