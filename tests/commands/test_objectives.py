"""Several objectives and measured limits, end to end, with real processes."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

KERAS_ALONE = "export.formats=[keras]"
FIXED = """
name: fixed
data: {source: tiny.npz, validation: 0.2}
architecture: {stages: [{block: conv, width: 4}]}
training: {learning_rate: 1e-2, batch_size: 32, epochs: 4}
constraints: {latency: "<= 1us"}
"""


def _run(space: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cnnsearch", "run", space.name, "--json", *arguments]
    return subprocess.run(command, cwd=space.parent, capture_output=True, text=True, check=False)


def _summary(space: Path, *settings: str) -> dict[str, Any]:
    options = [option for setting in settings for option in ("--set", setting)]
    done = _run(space, *options)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_accuracy_and_macs_give_a_front_whose_best_score_is_finished(tiny_space: Path) -> None:
    summary = _summary(
        tiny_space, "objectives.macs=min", "budget.trials=5", "training.epochs=12", KERAS_ALONE
    )

    front = summary["front"]
    members = [(each["values"]["val_accuracy"], each["values"]["macs"]) for each in front["trials"]]
    others = [(trial["value"], trial["macs"]) for trial in summary["trials"]]
    assert members == sorted(members, reverse=True)
    assert all(one[0] > other[0] for one, other in pairwise(members))
    for score, macs in others:
        assert any(it >= score and its <= macs for it, its in members)
    assert summary["winner"]["trial"] == front["trials"][0]["trial"]
    volumes = [each["hypervolume"] for each in front["hypervolume"]]
    assert volumes == sorted(volumes)
    assert 0 < volumes[-1] <= 1
    checkpoints = (tiny_space.parent / "runs/tiny-1/trials").glob("*/scored.npz")
    assert sorted(int(path.parent.name) for path in checkpoints) == sorted(
        each["trial"] for each in front["trials"]
    )


def test_a_latency_is_measured_once_a_trial_and_keeps_to_its_limit(tiny_space: Path) -> None:
    summary = _summary(
        tiny_space,
        "objectives={val_loss: min, latency: min}",
        "constraints={latency: 30s, latency_batch64: 60s}",
        "budget.trials=2",
        "training.epochs=4",
        KERAS_ALONE,
    )

    for trial in summary["trials"]:
        assert set(trial["measured"]) == {"latency", "latency_batch64"}
        for found in trial["measured"].values():
            assert 0 < found["low_ms"] <= found["median_ms"] <= found["high_ms"]
    assert list(summary["front"]["scales"]) == ["val_loss", "latency"]
    assert summary["winner"]["measured"]["latency"]["median_ms"] < 30_000


def test_a_limit_that_no_network_keeps_to_is_told_in_words(tiny_space: Path) -> None:
    space = tiny_space.with_name("fixed.yaml")
    space.write_text(FIXED, encoding="utf-8")

    done = _run(space)

    assert done.returncode == 4
    assert "no candidate of 1 is within the measured limits" in done.stderr
    assert "latency" in done.stderr
    assert "Traceback" not in done.stderr
