"""A run's own test split is known by what the run was made with, and told by what was stored."""

from __future__ import annotations

import pytest
from tests.results.conftest import MakeRun, finish

from cnnsearch.errors import RunError
from cnnsearch.results.own_test_split import evaluate_own_test_split, is_own_data


@pytest.mark.parametrize(
    ("source", "data", "own"),
    [
        ("photos", "photos", True),
        ("photos", "./photos/", True),
        ("photos", "others", False),
        ("fashion-mnist", "fashion-mnist", True),
        ("fashion-mnist", "fashion-mnist-mini", False),
        ("fashion-mnist", "./fashion-mnist", False),  # a folder that is only called so
    ],
)
def test_data_of_a_run_is_known_by_its_name_or_place(
    make_run: MakeRun, source: str, data: str, own: bool
) -> None:
    run = make_run()
    run.space_file.write_text(f"extends: default\ndata: {{source: {source}}}\n", encoding="utf-8")

    assert is_own_data(run, data) == own


def test_what_was_stored_is_evaluated(make_run: MakeRun) -> None:
    run = finish(make_run(), [True, True, False])

    found = evaluate_own_test_split(run)

    assert (found["version"], found["model"]["run"], found["data"]["stored"]) == (1, "night", True)
    assert (found["evaluation"]["correct"], found["evaluation"]["count"]) == (2, 3)
    assert [mistake["image"] for mistake in found["evaluation"]["mistakes"]] == [None]


def test_a_run_that_has_not_been_tested_is_refused(make_run: MakeRun) -> None:
    run = finish(make_run(), [True], keep=False)

    with pytest.raises(RunError, match="kept no predictions"):
        evaluate_own_test_split(run)
