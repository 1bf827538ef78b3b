"""The courses of searches lie over each other: the same costs, and times where there are events."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.results.searched import searched_run

from cnnsearch.records.folder import RunFolder
from cnnsearch.results.comparison.courses import courses
from cnnsearch.results.finished import Finished, read_baseline, read_finished


def of(*folders: RunFolder) -> list[dict[str, Any]]:
    return courses([read_finished(folder.path.parent, folder.name) for folder in folders])


def on_device(run: Finished, device: str) -> Finished:
    facts = run.summary.run.model_copy(update={"device": device})
    return replace(run, summary=run.summary.model_copy(update={"run": facts}))


def test_a_course_has_its_looks_its_fronts_and_its_winner(tmp_path: Path) -> None:
    (found,) = of(searched_run(tmp_path, trials=8))

    assert found["score"] == "val_accuracy"
    assert [front["cost"] for front in found["fronts"]] == ["parameters", "macs"]
    assert found["over_time"]["looks"]
    assert found["over_time"]["finished"]["trial"] == found["winner"]
    points = found["fronts"][0]["points"]
    assert found["winner"] in {point["trial"] for point in points if point["on_front"]}


def test_a_latency_is_a_cost_where_all_runs_were_after_it(tmp_path: Path) -> None:
    quick = {"val_accuracy": "max", "latency": "min"}
    runs = [
        searched_run(tmp_path, name="one", trials=4, objectives=quick),
        searched_run(tmp_path, name="two", trials=4, objectives=quick),
        searched_run(tmp_path, name="three", trials=4),
    ]

    costs = [[front["cost"] for front in found["fronts"]] for found in of(*runs[:2])]

    assert costs == [["parameters", "macs", "latency"]] * 2
    assert [front["cost"] for front in of(*runs)[0]["fronts"]] == ["parameters", "macs"]


def test_latencies_of_different_devices_are_not_laid_over_each_other(tmp_path: Path) -> None:
    objectives = {"val_accuracy": "max", "latency": "min"}
    folder = searched_run(tmp_path, trials=4, objectives=objectives)
    one = read_finished(tmp_path, folder.name)

    found = courses([one, on_device(one, "GPU")])

    assert [[front["cost"] for front in course["fronts"]] for course in found] == [
        ["parameters", "macs"]
    ] * 2


def test_a_summary_alone_has_fronts_and_no_times(tmp_path: Path) -> None:
    folder = searched_run(tmp_path / "runs", trials=4)
    kept = tmp_path / "kept" / "summary.json"
    kept.parent.mkdir()
    kept.write_bytes(folder.summary.read_bytes())
    alone = read_baseline(tmp_path, str(kept))
    assert alone is not None

    (found,) = courses([alone])

    assert found["over_time"]["looks"] == []
    assert found["fronts"][0]["points"]


def test_summaries_in_one_folder_have_not_the_times_of_the_run_beside_them(tmp_path: Path) -> None:
    folder = searched_run(tmp_path, trials=4)
    kept = folder.path / "kept.json"
    kept.write_bytes(folder.summary.read_bytes())
    runs = [read_baseline(tmp_path, str(file)) for file in (folder.summary, kept)]

    own, other = courses([run for run in runs if run is not None])

    assert own["over_time"]["looks"]
    assert other["over_time"]["looks"] == []
