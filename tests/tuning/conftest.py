"""Search spaces to draw from, and trials that were scored."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cnnsearch.records.study import FAILURES, State, TrialRecord
from cnnsearch.space import Candidate, SearchSpace, Value, draw, load_space, random_chooser

LoadSpace = Callable[..., SearchSpace]

# Choices of every kind, some of which depend on others, some of which change nothing.
VARIED = """
    architecture:
      activation: {values: [relu, swish]}
      stem: {width: {values: [8, 16]}}
      stages:
        count: {min: 1, max: 3}
        block: {values: [conv, residual]}
        depth: {min: 1, max: 2, per: stage}
        width: {values: [8, 16, 32]}
        width_growth: {values: [1, 2]}
        kernel_size: {values: [3, 5], per: stage}
        dropout: {min: 0, max: 0.3, step: 0.1}
      head: {units: {values: [[], [16]]}}
    training:
      optimizer: {values: [adamw, sgd]}
      learning_rate: {min: 1e-4, max: 1e-1, log: true, prior: 3e-3}
      weight_decay: {min: 1e-5, max: 1e-2, log: true, when: "optimizer == 'adamw'"}
"""
# One setting with an order, so that a child tells who its parent was.
LINE = "architecture: {stages: {count: 1, width: {min: 1, max: 200, prior: 100}}}\n"
LINE_PATH = "architecture.stages.width"


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LoadSpace:
    """Return a function that loads a space from text, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def load_text(text: str, *overrides: str) -> SearchSpace:
        Path("space.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
        return load_space("space.yaml", overrides)

    return load_text


@pytest.fixture
def varied(load: LoadSpace) -> SearchSpace:
    return load(VARIED)


def trial(
    number: int,
    settings: Mapping[str, Value],
    value: float | None = 0.5,
    *,
    step: int = 60,
    state: State = "pruned",
) -> TrialRecord:
    """Return a trial that was looked at once, or never where `value` is None."""
    looks = {} if value is None else {step: value}
    return TrialRecord(number, state, settings, 1_000, 5_000, looks=looks, value=value)


def line(values: Sequence[tuple[int, float]], **facts: Any) -> list[TrialRecord]:
    """Return trials at these places of the line, with these scores."""
    return [trial(n, {LINE_PATH: at}, score, **facts) for n, (at, score) in enumerate(values)]


def random_history(space: SearchSpace, length: int) -> list[TrialRecord]:
    """Return trials of every kind of end, with settings and scores drawn at random."""
    rng = Random(length)
    ends: tuple[State, ...] = ("complete", "pruned", *FAILURES)
    return [
        trial(
            number,
            draw(space, random_chooser(rng)).settings,
            None if number % 5 == 3 else rng.random(),
            step=rng.choice([60, 180, 540]),
            state=ends[number % len(ends)] if number % 3 == 0 else "pruned",
        )
        for number in range(length)
    ]


def network(candidate: Candidate) -> tuple[object, ...]:
    """Return what is trained, whichever settings say so."""
    return candidate.architecture, candidate.training, candidate.augmentation
