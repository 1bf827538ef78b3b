"""What a run is held against is finished, whole and of this version, or refused in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.results.conftest import MakeRun, add_event, add_trial, finish

from cnnsearch.errors import RunError
from cnnsearch.records.folder import RunFolder
from cnnsearch.results.finished import read_baseline, read_finished
from cnnsearch.results.summary_model import summary_schema

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def finished(make_run: MakeRun) -> RunFolder:
    return finish(make_run(), [True, False])


def summary_of(folder: RunFolder) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(folder.summary.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("of", ["name", "folder", "summary", "folder of a summary"])
def test_a_baseline_is_a_run_or_its_summary(finished: RunFolder, tmp_path: Path, of: str) -> None:
    kept = tmp_path / "last good"
    kept.mkdir()
    (kept / "summary.json").write_bytes(finished.summary.read_bytes())
    names = {
        "name": finished.name,
        "folder": str(finished.path),
        "summary": str(finished.summary),
        "folder of a summary": str(kept),
    }

    found = read_baseline(finished.path.parent, names[of])

    assert found is not None
    assert (found.name, found.summary.test and found.summary.test.correct) == ("night", 1)


def test_what_is_not_there_is_no_baseline(finished: RunFolder, tmp_path: Path) -> None:
    assert read_baseline(finished.path.parent, str(tmp_path / "nothing")) is None
    assert read_baseline(finished.path.parent, "no-such-run") is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda s: s.pop("version"), "is damaged"),
        (lambda s: s.update(version=0), "has summary version 0; this program reads version 1"),
        (lambda s: s.update(version=2), "has summary version 2; this program reads version 1"),
        (lambda s: s.update(test={"accuracy": 1.2}), "is damaged: test.accuracy: "),
        (lambda s: s.pop("winner"), "is damaged: winner: field required"),
        (lambda s: s["run"].update(state="running"), "is of a run that is not finished (running)"),
    ],
)
def test_a_summary_that_cannot_be_used_is_refused(
    finished: RunFolder, change: Change, told: str
) -> None:
    content = summary_of(finished)
    change(content)
    finished.summary.write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(RunError) as error:
        read_baseline(finished.path.parent, str(finished.summary))

    assert told in str(error.value)


@pytest.mark.parametrize("text", ["", '{"version": 1, "run"', "[1]", "\x00\x01"])
def test_a_cut_summary_is_damaged(finished: RunFolder, text: str) -> None:
    finished.summary.write_text(text, encoding="utf-8")

    with pytest.raises(RunError, match="is damaged"):
        read_finished(finished.path.parent, finished.name)


def test_a_run_of_another_version_is_refused(finished: RunFolder) -> None:
    facts = json.loads(finished.run_file.read_text(encoding="utf-8"))
    finished.run_file.write_text(json.dumps({**facts, "version": 1}), encoding="utf-8")

    with pytest.raises(RunError, match="has format version 1; this program reads version 2"):
        read_finished(finished.path.parent, finished.name)


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (None, "was killed before its end; go on with: cnnsearch resume"),
        (75, "was stopped before its end; go on with: cnnsearch resume"),
        (5, "failed, and found nothing"),
    ],
)
def test_an_unfinished_run_is_refused_with_what_to_do(
    make_run: MakeRun, end: int | None, told: str
) -> None:
    folder = make_run()
    add_event(folder, "run_started", 0)
    if end:
        add_event(folder, "stopped", 9, exit_code=end, reason="it was")

    with pytest.raises(RunError) as error:
        read_finished(folder.path.parent, "night")

    assert told in str(error.value)
    assert str(folder.path) in str(error.value)


def test_the_schema_is_one_of_draft_2020_12() -> None:
    Draft202012Validator.check_schema(summary_schema())


def test_summaries_of_any_kind_fit_the_schema(make_run: MakeRun) -> None:
    both = {"val_accuracy": "max", "latency": "min"}
    measured = {"latency": {"median_ms": 2.0, "low_ms": 1.0, "high_ms": 3.0}}
    several = make_run("several", objectives=both)
    add_trial(several, "diverged", {}, message="the loss became nan", measured=measured)
    add_trial(several, "complete", {60: 0.4}, measured=measured)

    for folder in (finish(make_run("one"), [True]), finish(several, [True], measured=measured)):
        Draft202012Validator(summary_schema()).validate(summary_of(folder))


def test_what_the_schema_refuses_is_no_summary(finished: RunFolder) -> None:
    content = summary_of(finished)
    content["test"]["accuracy"] = "high"

    assert not Draft202012Validator(summary_schema()).is_valid(content)


def test_predictions_of_another_run_do_not_count(make_run: MakeRun) -> None:
    one, other = (
        finish(make_run(name), [True, right]) for name, right in (("a", True), ("b", False))
    )
    found = read_finished(one.path.parent, "a")

    before = found.right()
    one.test_predictions.write_bytes(other.test_predictions.read_bytes())

    assert before is not None
    assert found.right() is None
