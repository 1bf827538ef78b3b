"""The screens rank the trials of a summary as the study does, which chooses the winner."""

from __future__ import annotations

import pytest
from tests.results.conftest import MakeRun, add_trial

from cnnsearch.records.study import open_study
from cnnsearch.records.trial import FAILURES
from cnnsearch.results.ranking import best_first
from cnnsearch.results.summary import summarize

COSTLY, CHEAP = {"latency": {"median_ms": 9.0}}, {"latency": {"median_ms": 2.0}}


@pytest.mark.parametrize(
    "objectives",
    [{"val_accuracy": "max"}, {"val_loss": "min"}, {"val_accuracy": "max", "macs": "min"}],
)
def test_the_order_is_the_studys(make_run: MakeRun, objectives: dict[str, str]) -> None:
    folder = make_run(objectives=objectives)
    for value, macs in ((0.7, 5), (0.8, 9), (0.8, 4), (0.6, 4)):
        add_trial(folder, "complete", {60: value}, macs=macs)
    for state in FAILURES:
        add_trial(folder, state, {60: 0.8})
    add_trial(folder, "running", {60: 0.8}, macs=3)
    add_trial(folder, "diverged", {})

    ranked = best_first(summarize(folder, explained=False)["trials"], objectives)

    assert [trial["number"] for trial in ranked] == [
        trial.number for trial in open_study(folder.journal).ranking()
    ]


def test_of_equals_the_one_that_costs_least_is_ahead() -> None:
    trials = [
        {"number": 0, "state": "complete", "value": 0.8, "parameters": 9, "measured": CHEAP},
        {"number": 1, "state": "complete", "value": 0.8, "parameters": 5, "measured": COSTLY},
        {"number": 2, "state": "complete", "value": 0.8, "parameters": 5, "measured": COSTLY},
        {"number": 3, "state": "complete", "value": 0.8, "parameters": 1, "measured": {}},
    ]

    def order(objectives: dict[str, str]) -> list[int]:
        return [trial["number"] for trial in best_first(trials, objectives)]

    assert order({"val_accuracy": "max"}) == [3, 1, 2, 0]
    assert order({"val_accuracy": "max", "latency": "min"}) == [0, 1, 2, 3]
