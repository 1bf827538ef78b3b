"""Runs side by side: what differs is told, and nothing else."""

from __future__ import annotations

from typing import Any

from tests.results.conftest import MakeRun, data, finish

from cnnsearch.records.folder import RunFolder
from cnnsearch.results.comparison import compare
from cnnsearch.results.finished import read_finished
from cnnsearch.screen.comparison_words import comparison_sheets


def compared(*folders: RunFolder) -> dict[str, Any]:
    return compare([read_finished(folder.path.parent, folder.name) for folder in folders])


def run(make_run: MakeRun, name: str, correct: int = 90, **facts: Any) -> RunFolder:
    of_run = ("document", "objectives", "dataset", "began_with")
    own = {key: facts.pop(key) for key in of_run if key in facts}
    right = [True] * correct + [False] * (100 - correct)
    return finish(make_run(name, **{"dataset": data(), **own}), right, **facts)


def test_only_settings_that_differ_are_told(make_run: MakeRun) -> None:
    one = run(make_run, "one", document={"training": {"epochs": 9, "batch_size": 32}})
    other = run(
        make_run,
        "other",
        document={
            "training": {"epochs": {"values": [1, 2]}, "batch_size": 32},
            "search": {"seed": 2},
        },
    )

    assert compared(one, other)["settings"] == [
        {"of": "space", "setting": "training.epochs", "values": [9, {"values": [1, 2]}]},
        {"of": "space", "setting": "search.seed", "values": [None, 2]},
    ]


def test_accuracies_are_held_against_the_first_run(make_run: MakeRun) -> None:
    found = compared(*(run(make_run, name, n) for name, n in (("a", 80), ("b", 90), ("c", 80))))

    pairs = [(each["run"], each["against"], each["figure"]) for each in found["accuracy"]]
    assert pairs == [
        ("b", "a", "test_accuracy"),
        ("b", "a", "val_accuracy"),
        ("c", "a", "test_accuracy"),
        ("c", "a", "val_accuracy"),
    ]
    better, equal = found["accuracy"][0]["difference"], found["accuracy"][2]["difference"]
    assert (better["test"], better["only_one"], better["may_be_chance"]) == ("mcnemar", 10, False)
    assert (equal["change"], equal["chance"]) == (0, 1)


def test_accuracies_on_other_data_are_warned_of(make_run: MakeRun) -> None:
    unknown = {key: value for key, value in data().items() if key != "fingerprint"}
    datasets = {"a": data(), "b": data(), "c": data("other"), "d": unknown}
    runs = (run(make_run, name, dataset=facts) for name, facts in datasets.items())

    same, other, not_known = compared(*runs)["accuracy"][::2]

    assert (same["same_data"], same["warning"]) == (True, None)
    assert (other["same_data"], other["difference"]) == (False, None)
    assert other["warning"].startswith("c and a had different images or labels: their accuracies")
    assert not_known["same_data"] is None
    assert not_known["warning"] == "d and a may have had different images: no paired test was made."


def test_what_a_search_learned_from_is_told(make_run: MakeRun) -> None:
    earlier = {"run": "one", "folder": "runs/one", "trials": 2, "warnings": []}

    found = compared(run(make_run, "one"), run(make_run, "other", began_with=earlier))

    assert [each["began_with"] for each in found["runs"]] == [None, earlier]
    assert ("began with", "-", "2 trials of one") in next(comparison_sheets(found)).rows


def test_costs_are_told_where_they_are_known(make_run: MakeRun) -> None:
    measured = {"latency": {"median_ms": 2.5, "low_ms": 2.0, "high_ms": 3.0}}
    one, other = compared(run(make_run, "one", measured=measured), run(make_run, "other"))["runs"]

    assert (one["parameters"], one["macs"], one["export_bytes"]) == (61_706, 2_000_000, 1_000)
    assert (one["latencies_us"], other["latencies_us"]) == ({"latency": 2_500}, {})


def test_fronts_are_laid_over_each_other(make_run: MakeRun) -> None:
    both = {"val_accuracy": "max", "macs": "min"}
    small = run(make_run, "small", objectives=both, macs=1_000)
    large = run(make_run, "large", objectives=both, macs=2_000)

    front = compared(small, large)["front"]

    assert [each["run"] for each in front["trials"]] == ["small"]  # as accurate, and cheaper
    assert front["covered"] == [
        {"run": "small", "by": "large", "share": 0},
        {"run": "large", "by": "small", "share": 1},
    ]


def test_equal_trials_of_two_runs_are_both_on_the_front_of_all(make_run: MakeRun) -> None:
    both = {"val_accuracy": "max", "macs": "min"}
    runs = [run(make_run, name, objectives=both, macs=1_000) for name in ("one", "two")]

    assert [each["run"] for each in compared(*runs)["front"]["trials"]] == ["one", "two"]


def test_runs_with_one_objective_or_others_have_no_front_together(make_run: MakeRun) -> None:
    both = {"val_accuracy": "max", "macs": "min"}

    assert compared(run(make_run, "a"), run(make_run, "b", objectives=both))["front"] is None


def test_runs_of_the_same_name_are_told_apart(make_run: MakeRun) -> None:
    one = run(make_run, "night")
    elsewhere = one.path.parent.parent / "elsewhere"
    elsewhere.mkdir()
    moved = one.path.rename(elsewhere / "night")

    found = compared(RunFolder(moved), run(make_run, "night"))

    assert len({each["name"] for each in found["runs"]}) == 2
