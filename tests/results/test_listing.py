"""A list of runs has a line for each, and one damaged run spoils no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.results.conftest import MakeRun, add_event, add_trial

from cnnsearch.records.folder import FORMAT_VERSION, RunFolder
from cnnsearch.results.listing import list_runs
from cnnsearch.results.summary import write_summary


def test_a_run_in_progress_shows_its_best_so_far(make_run: MakeRun) -> None:
    folder = make_run()
    add_event(folder, "run_started", 0)
    add_trial(folder, "pruned", {60: 0.4})
    add_trial(folder, "diverged", {})
    add_trial(folder, "running", {60: 0.7})

    (row,) = list_runs([folder])

    assert row == {
        "name": "night",
        "state": "killed",
        "started": "2023-11-14T22:13:20+00:00",
        "trials": 3,
        "value": 0.7,
        "test_accuracy": None,
        "space": "small",
        "dataset": "bars",
    }


def test_where_a_loss_is_sought_the_best_so_far_is_the_least(make_run: MakeRun) -> None:
    folder = make_run(objectives={"val_loss": "min"})
    add_trial(folder, "pruned", {60: 0.4})
    add_trial(folder, "pruned", {60: 0.9})

    assert list_runs([folder])[0]["value"] == 0.4


def test_a_failed_trial_is_not_the_best_so_far(make_run: MakeRun) -> None:
    folder = make_run()
    add_trial(folder, "pruned", {60: 0.4})
    add_trial(folder, "diverged", {60: 0.9})

    assert list_runs([folder])[0]["value"] == 0.4


def test_what_ran_out_of_time_after_a_look_is_no_failure(make_run: MakeRun) -> None:
    folder = make_run()
    add_trial(folder, "pruned", {60: 0.4})
    add_trial(folder, "timed_out", {60: 0.9})

    assert list_runs([folder])[0]["value"] == 0.9


def test_a_finished_run_is_listed_from_its_summary_alone(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run()
    winner = {"trial": 0, "value": 0.85, "steps": 360, "annealed_steps": 180}
    study = add_trial(folder, "complete", {60: 0.8})
    study.note_study(winner=winner, tested={"correct": 81, "count": 263})
    write_summary(folder)
    monkeypatch.delattr("cnnsearch.results.listing.summarize")

    (row,) = list_runs([folder])

    assert (row["state"], row["value"], row["trials"]) == ("finished", 0.85, 1)
    assert row["test_accuracy"]["accuracy"] == 81 / 263


@pytest.mark.parametrize(
    "damage",
    [
        lambda run: run.run_file.write_text("{"),
        lambda run: run.run_file.write_text(f'{{"version": {FORMAT_VERSION}}}'),
        lambda run: run.journal.unlink(),
        lambda run: run.journal.write_text("5\n"),
        lambda run: run.summary.write_text('{"version": 1, "run"'),
        lambda run: run.summary.write_text("[]"),
        lambda run: run.summary.write_text('{"version": 2}'),
        lambda run: run.events.write_text('{"event": "run_started"}\n'),
    ],
)
def test_a_damaged_run_is_listed_as_such_among_the_others(
    make_run: MakeRun, damage: Callable[[RunFolder], Any]
) -> None:
    good, damaged = make_run("good"), make_run("damaged")
    damage(damaged)

    rows = list_runs([damaged, good])

    assert rows[0] == {"name": "damaged", "state": "damaged"}
    assert (rows[1]["name"], rows[1]["state"]) == ("good", "killed")


def test_no_runs_are_an_empty_list() -> None:
    assert list_runs([]) == []
