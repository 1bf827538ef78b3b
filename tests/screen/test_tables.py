"""Results are printed whole, honest and readable by other programs."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console
from tests.screen.conftest import LONG_PATH, unfinished

from cnnsearch.screen.tables import print_result, print_show, print_timing


def test_the_end_of_a_run(summary: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    print_result(summary)

    assert (
        capsys.readouterr().out
        == f"""\
test accuracy 0.8965 (95 % interval 0.8824 to 0.9091, 2,000 examples)
validation accuracy 0.9050 (95 % interval 0.8850 to 0.9220, 1,000 examples)
winner: trial 4, val_accuracy 0.9000 at step 140 in the search; exported with 0.9050 at step \
2,160, after 1,666 more steps in the search and 354 with the learning rate annealed; 61.7k \
parameters, 2.1M MACs

trial  val_accuracy  parameters  MACs  at step     state  settings unlike trial 0's
    4        0.9000       61.7k  2.1M      140    winner  stem.width=5
    0        0.8000       61.7k  2.1M      140  complete  stem.width=1
    1        0.7000       61.7k  2.1M      140    pruned  stem.width=2
    5        0.6500       61.7k  2.1M      140    pruned  stem.width=6
    6        0.6200       61.7k  2.1M      140    pruned  stem.width=7
(trial 4 was exported in a later state: val_accuracy 0.9050 at step 2,160, after 1,666 more steps \
in the search and 354 with the learning rate annealed)
(trial 0 was tried first)
(all settings of a trial: cnnsearch show night-1 --trial N)

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
trial  val_accuracy  parameters  MACs  latency  at step   state  settings unlike trial 0's
    4        0.9000       61.7k  2.1M   2.5 ms      140  winner  stem.width=5
    1        0.7000       61.7k  2.1M   2.5 ms      140  pruned  stem.width=2
(trial 4 was exported in a later state: val_accuracy 0.9050 at step 2,160, after 1,666 more steps \
in the search and 354 with the learning rate annealed)
(trial 0 was tried first)
(all settings of a trial: cnnsearch show night-1 --trial N)

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


def test_a_trial_that_was_cut_short_is_among_the_best_and_no_failure(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    summary["trials"][0] |= {"state": "stopped", "message": "the time to search was over"}

    print_show(summary)
    out = capsys.readouterr().out

    assert "  cut short  stem.width=1\n" in out
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

    assert "    4        0.9000       61.7k  2.1M      140    winner\n" in stream.getvalue()
    assert LONG_PATH in stream.getvalue()


def test_a_line_of_a_log_is_short_and_says_where_all_settings_are(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    same = {f"architecture.stages.{stage}.kernel_size": 3 for stage in range(20)}
    for trial in summary["trials"]:
        trial["settings"] = {**same, "training.learning_rate": trial["number"]}
    summary["trials"][1]["settings"] = dict.fromkeys(same, 5)

    print_result(summary)

    lines = capsys.readouterr().out.splitlines()
    assert "    4        0.9000       61.7k  2.1M      140    winner  learning_rate=4" in lines
    (unlike,) = [line for line in lines if "0.kernel_size=5 " in line]
    assert len(unlike) <= 160
    assert unlike.endswith("…")
    assert "(all settings of a trial: cnnsearch show night-1 --trial N)" in lines


@pytest.mark.parametrize(
    ("width", "left_out"),
    [
        (80, []),
        (69, ["settings"]),
        (55, ["settings", "MACs"]),
        (30, ["settings", "MACs", "parameters", "at step"]),
    ],
)
def test_a_narrow_terminal_gets_fewer_columns_and_all_of_each(
    summary: dict[str, Any], width: int, left_out: list[str]
) -> None:
    stream = StringIO()

    print_result(summary, Console(file=stream, width=width, color_system=None))

    (heading,) = [line for line in stream.getvalue().splitlines() if line.startswith("trial  ")]
    columns = ("val_accuracy", "settings", "MACs", "parameters", "at step", "state")
    assert [name for name in columns if name not in heading] == left_out
    assert "    4        0.9000  " in stream.getvalue()


def test_an_objective_is_shown_however_narrow_the_terminal_is(summary: dict[str, Any]) -> None:
    stream = StringIO()
    summary["run"]["objectives"] = {"val_accuracy": "max", "macs": "min"}

    print_result(summary, Console(file=stream, width=40, color_system=None))

    assert "trial  val_accuracy  MACs     state" in stream.getvalue()


@pytest.mark.parametrize(("workers", "told"), [(1, False), (2, True)])
def test_the_time_of_several_workers_is_told_to_add_up(
    workers: int, told: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    print_timing({"elapsed_s": 171.2, "search_s": 290.0, "workers": workers})

    out = capsys.readouterr().out
    assert ("\n(import, search, fit and evaluate are of all workers together)\n" in out) is told


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
