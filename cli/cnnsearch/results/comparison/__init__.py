"""Finished runs side by side: what was asked and chosen, how good it is, and what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cnnsearch.results.comparison.fronts import fronts_over_each_other
from cnnsearch.results.comparison.settings import differing_settings
from cnnsearch.results.difference import accuracy_difference, same_test_split
from cnnsearch.results.finished import Finished
from cnnsearch.results.gate.figures import figure

COMPARISON_VERSION = 1
ACCURACIES = ("test_accuracy", "val_accuracy")


def compare(runs: Sequence[Finished]) -> dict[str, Any]:
    """Return what differs between finished runs; accuracies are held against the first one's."""
    runs = _told_apart(runs)
    return {
        "version": COMPARISON_VERSION,
        "runs": [_run(run) for run in runs],
        "settings": differing_settings(runs),
        "accuracy": [
            _difference(other, runs[0], which) for other in runs[1:] for which in ACCURACIES
        ],
        "front": fronts_over_each_other(runs),
    }


def _told_apart(runs: Sequence[Finished]) -> list[Finished]:
    """Name runs of the same name by their folders, or by their summaries where these share one."""
    names = Counter(run.name for run in runs)
    folders = Counter(run.path for run in runs)
    return [
        replace(run, name=str(run.path if folders[run.path] == 1 else run.file))
        if names[run.name] > 1
        else run
        for run in runs
    ]


def _run(run: Finished) -> dict[str, Any]:
    facts, latencies = run.summary.run, ("latency", "latency_batch64")
    found = {name: figure(run, name) for name in ("parameters", "macs", "export_size", *latencies)}
    values = {name: each and each.value for name, each in found.items()}
    return {
        "name": run.name,
        "folder": str(run.path),
        "space": facts.space,
        "dataset": facts.dataset.name,
        "seed": facts.seed,
        "began_with": facts.began_with and facts.began_with.model_dump(),
        "device": facts.device,
        "test": run.summary.test and run.summary.test.model_dump(),
        "validation": run.summary.validation and run.summary.validation.model_dump(),
        "parameters": values["parameters"],
        "macs": values["macs"],
        "latencies_us": {name: values[name] for name in latencies if values[name] is not None},
        "export_bytes": values["export_size"],
        "elapsed_s": facts.elapsed_s,
        "trials": run.summary.counts.get("trials", 0),
        "winner": run.summary.winner and run.summary.winner.trial,
    }


def _difference(run: Finished, first: Finished, which: str) -> dict[str, Any]:
    same_data = same_test_split(run, first)
    found = None if same_data is False else accuracy_difference(run, first, which)
    return {
        "figure": which,
        "run": run.name,
        "against": first.name,
        "same_data": same_data,
        "warning": _warning(f"{run.name} and {first.name}", same_data),
        "difference": None if found is None else found.to_json(),
    }


def _warning(both: str, same_data: bool | None) -> str | None:
    """Return why the accuracies of two runs tell less than they seem to."""
    if same_data is None:
        return f"{both} may have had different images: no paired test was made."
    if same_data:
        return None
    return (
        f"{both} had different images or labels: their accuracies cannot be compared, "
        "and no paired test was made."
    )
