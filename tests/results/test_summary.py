"""The summary tells what the run found: plain values, in one shape, whatever state it is in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.results.conftest import WIDTH, MakeRun, add_event, add_trial

from cnnsearch.errors import RunError
from cnnsearch.records.events import Heartbeat, Progress
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import open_study
from cnnsearch.records.trial import FAILURES, State
from cnnsearch.results.summary import SUMMARY_VERSION, summarize, write_summary

EXPORTS = [{"format": "keras", "path": "export/model.keras", "size_bytes": 1_000}]


@pytest.fixture
def finished(make_run: MakeRun) -> RunFolder:
    """A run with trials of several ends, finished, tested and exported."""
    folder = make_run()
    add_event(folder, "run_started", 0)
    add_event(folder, "worker_ready", 5, import_s=4.0, device="CPU")
    seconds = {"total": 9.876, "fit": 8.0, "evaluate": 1.0}
    add_trial(folder, "complete", {60: 0.5, 180: 0.8}, seconds=seconds)
    add_event(folder, "trial_ended", 15)
    add_trial(folder, "pruned", {60: 0.4})
    study = add_trial(folder, "diverged", {}, message="the loss became nan by step 40")
    study.note_study(
        winner={
            "trial": 0,
            "value": 0.85,
            "steps": 360,
            "annealed_steps": 180,
            "checkpoint": "finished.npz",
        },
        tested={"correct": 81, "count": 263},
        exports=EXPORTS,
    )
    add_event(folder, "phase", 60, phase="done")
    return folder


def test_the_winner_is_told_with_what_the_search_and_the_annealing_gave(
    finished: RunFolder,
) -> None:
    assert summarize(finished)["winner"] == {
        "trial": 0,
        "value": 0.85,
        "value_in_search": 0.8,
        "scored_step": 180,
        "parameters": 61_706,
        "macs": 2_000_000,
        "measured": {},
        "settings": {WIDTH: 8},
        "parent": None,
        "steps": 360,
        "annealed_steps": 180,
    }


def test_every_accuracy_has_its_interval_and_its_number_of_examples(finished: RunFolder) -> None:
    summary = summarize(finished)

    assert summary["test"] == {
        "accuracy": 81 / 263,
        "low": pytest.approx(0.2553, abs=1e-4),
        "high": pytest.approx(0.3662, abs=1e-4),
        "correct": 81,
        "count": 263,
    }
    validation = summary["validation"]
    assert (validation["accuracy"], validation["correct"], validation["count"]) == (0.85, 170, 200)
    assert validation["low"] < 0.85 < validation["high"]


def test_every_trial_is_told(finished: RunFolder) -> None:
    first, second, third = summarize(finished)["trials"]

    assert first == {
        "number": 0,
        "state": "complete",
        "value": 0.8,
        "parameters": 61_706,
        "macs": 2_000_000,
        "measured": {},
        "parent": None,
        "steps": 180,
        "looks": {"60": 0.5, "180": 0.8},
        "seconds": 9.88,
        "last_step": None,
        "settings": {WIDTH: 8},
        "message": None,
    }
    assert summarize(finished)["front"] is None  # of one objective
    assert (second["state"], second["value"]) == ("pruned", 0.4)
    assert (third["state"], third["value"], third["seconds"]) == ("diverged", None, 0.0)
    assert third["message"] == "the loss became nan by step 40"


def test_the_run_is_told_with_its_facts(finished: RunFolder) -> None:
    summary = summarize(finished)
    run = summary["run"]

    assert summary["version"] == SUMMARY_VERSION
    assert (run["name"], run["folder"]) == ("night", str(finished.path))
    assert (run["space"], run["seed"], run["device"]) == ("small", 7, "CPU")
    assert (run["elapsed_s"], run["objectives"]) == (60, {"val_accuracy": "max"})
    assert run["started"] == datetime.fromtimestamp(1.7e9, UTC).isoformat()
    assert run["dataset"]["name"] == "bars"
    assert summary["exports"] == EXPORTS
    assert summary["counts"] == {"trials": 3, "complete": 1, "pruned": 1, "diverged": 1}
    assert summary["timing"]["fit_s"] == 8


def test_the_summary_is_json_and_comes_back_equal(finished: RunFolder) -> None:
    summary = summarize(finished)

    assert json.loads(json.dumps(summary, allow_nan=False)) == summary


def test_a_written_summary_marks_the_run_as_finished(finished: RunFolder) -> None:
    before = summarize(finished)["run"]["state"]
    written = write_summary(finished)

    assert before == "killed"
    assert written["run"]["state"] == "finished"
    assert json.loads(finished.summary.read_text(encoding="utf-8")) == written
    assert summarize(finished) == written


def test_why_the_search_ended_is_told(finished: RunFolder) -> None:
    assert summarize(finished)["ended_because"] is None
    ended = {"reason": "target", "message": "trial 0 reached it", "elapsed_s": 15.0}
    open_study(finished.journal, writing=True).note_study(search_ended=ended)

    assert summarize(finished)["ended_because"] == ended


def test_what_the_trials_explain_is_told(make_run: MakeRun) -> None:
    folder = make_run()
    for looks in ({60: 0.5, 180: 0.8}, {60: 0.4, 180: 0.7}, {60: 0.3, 180: 0.6}):
        add_trial(folder, "complete", looks)

    explanation = summarize(folder)["explanation"]

    assert explanation == {
        "importance": None,  # too few trials
        "losers": None,  # this run has no space
        "early_looks": [
            {"from_step": 60, "to_step": 180, "trials": 3, "spearman": 1.0, "same_order": 1.0}
        ],
    }
    assert summarize(folder, explained=False)["explanation"] is None


def test_a_run_that_has_just_begun_has_found_nothing(make_run: MakeRun) -> None:
    summary = summarize(make_run())

    assert summary["winner"] is summary["validation"] is summary["test"] is None
    assert (summary["trials"], summary["exports"]) == ([], [])
    assert summary["counts"] == {"trials": 0}
    assert summary["infeasible"] == {"count": 0, "reasons": {}}
    assert summary["ended_because"] is None
    assert summary["explanation"] == {"importance": None, "losers": None, "early_looks": []}
    assert (summary["run"]["started"], summary["run"]["device"]) == (None, None)


def test_a_trial_in_progress_is_told_as_running(make_run: MakeRun) -> None:
    folder = make_run()
    add_trial(folder, "running", {60: 0.4})

    summary = summarize(folder)

    assert summary["counts"] == {"trials": 1, "running": 1}
    assert (summary["trials"][0]["state"], summary["trials"][0]["value"]) == ("running", 0.4)
    assert (summary["trials"][0]["steps"], summary["trials"][0]["last_step"]) == (60, 60)


def test_a_trial_in_progress_has_the_time_so_far_and_the_step_it_has_come_to(
    make_run: MakeRun,
) -> None:
    folder = make_run()
    add_trial(folder, "running", {60: 0.4})
    add_event(folder, "trial_started", 5, trial=0, step=0)
    add_event(folder, "look", 20, trial=0, step=60, value=0.4)
    Progress(folder.progress).write(
        {"elapsed_s": 27.5, "event": "progress", "trial": 0, "step": 90, "worker": 0}
    )
    Heartbeat(folder.heartbeat).beat(28.0)

    (trial,) = summarize(folder)["trials"]

    assert (trial["seconds"], trial["steps"], trial["last_step"]) == (23.0, 60, 90)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], "killed"),
        ([("look", {})], "killed"),
        ([("stopped", {"exit_code": 130})], "stopped"),
        ([("stopped", {"exit_code": 143})], "stopped"),
        ([("stopped", {"exit_code": 75})], "stopped"),
        ([("stopped", {"exit_code": 5})], "failed"),
        ([("stopped", {"exit_code": 1})], "failed"),
        ([("stopped", {"exit_code": 130}), ("run_started", {})], "killed"),
    ],
)
def test_the_state_is_what_was_last_said(
    make_run: MakeRun, events: list[tuple[str, dict[str, Any]]], state: str
) -> None:
    folder = make_run()
    for number, (kind, facts) in enumerate(events):
        add_event(folder, kind, number, **facts)

    assert summarize(folder)["run"]["state"] == state


def test_a_run_that_a_process_holds_is_running(make_run: MakeRun) -> None:
    folder = make_run()

    with folder.lock():
        held = summarize(folder)["run"]["state"]

    assert (held, summarize(folder)["run"]["state"]) == ("running", "killed")


@pytest.mark.parametrize("state", FAILURES)
def test_each_kind_of_failure_is_counted_by_its_name(make_run: MakeRun, state: State) -> None:
    folder = make_run()
    for _ in range(2):
        add_trial(folder, state, {})

    assert summarize(folder)["counts"] == {"trials": 2, state: 2}


def test_infeasible_draws_add_up_over_workers_side_by_side(make_run: MakeRun) -> None:
    folder = make_run()
    for worker, count in ((0, 3), (1, 4), (0, 5)):
        add_event(folder, "infeasible", 1, count=count, reasons={"macs": count}, worker=worker)

    assert summarize(folder)["infeasible"] == {"count": 9, "reasons": {"macs": 9}}


def test_infeasible_draws_add_up_over_workers_that_each_count_from_zero(
    make_run: MakeRun,
) -> None:
    folder = make_run()
    add_event(folder, "worker_ready", 1, import_s=0.0, device="CPU")
    add_event(folder, "infeasible", 2, count=3, reasons={"macs": 3})
    add_event(folder, "trial_ended", 2)
    add_event(folder, "infeasible", 3, count=5, reasons={"macs": 4, "parameters": 2})
    add_event(folder, "worker_ready", 4, import_s=0.0, device="CPU")
    add_event(folder, "worker_ready", 5, import_s=0.0, device="CPU")
    add_event(folder, "infeasible", 6, count=2, reasons={"macs": 2})

    assert summarize(folder)["infeasible"] == {
        "count": 7,
        "reasons": {"macs": 6, "parameters": 2},
    }


def test_a_loss_has_no_interval(make_run: MakeRun) -> None:
    folder = make_run(objectives={"val_loss": "min"})
    study = add_trial(folder, "complete", {60: 0.9, 180: 0.3})
    winner = {"trial": 0, "value": 0.25, "steps": 360, "annealed_steps": 180}
    study.note_study(winner=winner)

    summary = summarize(folder)

    assert summary["validation"] is None
    assert (summary["winner"]["value"], summary["winner"]["value_in_search"]) == (0.25, 0.3)


def test_a_record_that_is_being_written_is_read_and_left_alone(finished: RunFolder) -> None:
    before = summarize(finished)
    with finished.journal.open("ab") as journal, finished.events.open("ab") as events:
        journal.write(b'{"op_code":6,"wor')
        events.write(b'{"time":17000')
    content = finished.journal.read_bytes()

    assert summarize(finished) == before
    assert finished.journal.read_bytes() == content


def test_a_folder_that_is_no_run_is_refused(finished: RunFolder) -> None:
    finished.journal.unlink()

    with pytest.raises(RunError, match="is missing"):
        summarize(finished)
