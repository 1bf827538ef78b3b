"""A bare `resume` takes what is left to do, and not what is done, has failed, or is being done."""

from __future__ import annotations

import os

import pytest
from tests.results.conftest import MakeRun, add_event

from cnnsearch.records.folder import RunFolder
from cnnsearch.results.unfinished import find_unfinished_run


@pytest.fixture
def runs(make_run: MakeRun) -> dict[str, RunFolder]:
    """Runs by name, the oldest first."""
    names = ("killed", "stopped", "failed", "finished")
    found = {name: make_run(name) for name in names}
    for age, folder in enumerate(found.values()):
        add_event(folder, "run_started", 0)
        os.utime(folder.run_file, (1e9 + age, 1e9 + age))
    add_event(found["stopped"], "stopped", 9, exit_code=130, reason="Ctrl-C")
    add_event(found["failed"], "stopped", 9, exit_code=5, reason="every trial failed")
    found["finished"].summary.write_text("{}", encoding="utf-8")
    return found


def unfinished(runs: dict[str, RunFolder], name: str | None = None) -> str:
    return find_unfinished_run(runs["killed"].path.parent, name).name


def test_the_latest_run_that_can_be_gone_on_with_is_taken(runs: dict[str, RunFolder]) -> None:
    assert unfinished(runs) == "stopped"

    with runs["stopped"].lock():
        assert unfinished(runs) == "killed"


def test_one_that_is_being_worked_on_is_taken_where_no_other_is_left(
    runs: dict[str, RunFolder],
) -> None:
    with runs["stopped"].lock(), runs["killed"].lock():
        assert unfinished(runs) == "stopped"


def test_where_nothing_is_left_it_is_the_latest_of_all(runs: dict[str, RunFolder]) -> None:
    for name in ("killed", "stopped"):
        runs[name].summary.write_text("{}", encoding="utf-8")

    assert unfinished(runs) == "finished"


def test_the_run_that_is_named_is_taken_whatever_became_of_it(runs: dict[str, RunFolder]) -> None:
    assert unfinished(runs, "finished") == "finished"
    assert unfinished(runs, "failed") == "failed"
