"""Runs that are judged, and what is held against them."""

from __future__ import annotations

from typing import Any

from tests.results.conftest import MakeRun, data, finish

from cnnsearch.records.folder import RunFolder
from cnnsearch.results.finished import Finished, read_finished
from cnnsearch.results.gate import Verdict, judge
from cnnsearch.space import load_space
from cnnsearch.space.gate import GateSection

LATENCY = {"latency": {"median_ms": 2.0, "low_ms": 1.9, "high_ms": 2.1}}


def finished(folder: RunFolder) -> Finished:
    return read_finished(folder.path.parent, folder.name)


def limits(run: RunFolder, gate: str) -> GateSection:
    return load_space(run.space_file, [f"gate={gate}"]).gate


def verdict(run: RunFolder, gate: str, baseline: RunFolder | None = None) -> Verdict:
    return judge(finished(run), limits(run, gate), None if baseline is None else finished(baseline))


def right(correct: int, count: int = 200) -> list[bool]:
    return [True] * correct + [False] * (count - correct)


def night(make_run: MakeRun, name: str, correct: int, **facts: Any) -> RunFolder:
    dataset = facts.pop("dataset", data())
    return finish(make_run(name, dataset=dataset), right(correct), gate="  {}", **facts)
