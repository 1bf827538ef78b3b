"""Every benchmark runs, in its smallest size, and prints a row for the table of the README."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent


def rows(folder: Path, benchmark: str, *arguments: str) -> list[str]:
    """Run a benchmark in `folder` and return the rows of its table, without the two of the head."""
    return _rows(folder, str(BENCHMARKS / benchmark), *arguments)


def _rows(folder: Path, *arguments: str) -> list[str]:
    result = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    table = [line for line in result.stdout.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in table}) == 1, result.stdout
    return table[2:]


def test_the_time_of_help(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, "help_time.py", "--pairs", "1")

    assert row.startswith("| `help_time.py` |")


@pytest.mark.exhaustive
def test_what_a_step_costs(tmp_path: Path) -> None:
    found = rows(tmp_path, "step_cost.py", "--rounds", "1", "--batch", "2")

    assert len(found) == 9
    assert found[0].startswith("| first guess |")


def test_the_speed_of_the_pipeline(tmp_path: Path) -> None:
    small = ["--side", "8", "--batch", "2", "--turns", "1"]

    one, two = rows(tmp_path, "pipeline_speed.py", *small)

    assert one.startswith("| 8x8, 1 at a time |")
    assert two.startswith("| 8x8, 2 at a time |")


def test_the_cost_of_the_search(tiny_space: Path) -> None:
    sizes = ["--samplers", "evolution", "random", "--trials", "1", "3"]

    found = rows(tiny_space.parent, "search_overhead.py", "--space", str(tiny_space), *sizes)

    names = [row.split("|")[1].strip() for row in found]
    assert names == [
        f"`search_overhead.py`, {sampler}, {trials} trials"
        for sampler in ("evolution", "random")
        for trials in (1, 3)
    ]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux' /proc")
def test_the_memory_of_workers(tiny_space: Path) -> None:
    short = ["--space", str(tiny_space), "--trials", "2", "--set", "training.epochs=1"]

    peak, disk, share = rows(tiny_space.parent, "worker_memory.py", *short)

    assert "1 worker" in peak
    assert "| 0.0 MB |" not in disk
    assert "%" in share


@pytest.mark.exhaustive
def test_what_short_scores_tell(tiny_space: Path) -> None:
    short = ["--candidates", "2", "--steps", "2", "4", "--full", "6", "--batch", "8"]
    space = ["--space", str(tiny_space), "--set", "data.source=tiny.npz"]

    found = rows(tiny_space.parent, "short_scores.py", *short, *space)

    assert len(found) == 4
    assert all(row.count("|") == 4 for row in found)


def test_the_regret_of_the_samplers() -> None:
    few = ["--seeds", "2", "--samplers", "random", "grid", "--pruning", "none"]

    found = _rows(BENCHMARKS.parents[1], "-m", "tests.benchmarks.sampler_regret", *few)

    assert sorted(row.split("|")[1] for row in found) == [" `grid` ", " `random` "]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("peers", "limit"),
    [
        (["cnnsearch"], ["--seconds", "20"]),  # it uses all of its time, in any case
        pytest.param(
            ["optuna", "keras-tuner-hyperband", "keras-tuner-random"],
            ["--trials", "1"],
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_the_peers(peers: list[str], limit: list[str], tiny_space: Path) -> None:
    short = ["--data", "tiny.npz", "--seeds", "1", "--out", "peers", *limit]

    found = rows(tiny_space.parent, "peers.py", "--peers", *peers, *short)

    assert [row.split("|")[1].strip() for row in found] == peers
    assert "none" not in " ".join(found)


@pytest.mark.exhaustive
def test_two_workers_by_one(tiny_space: Path) -> None:
    short = ["--space", str(tiny_space), "--pairs", "1", "--set", "budget.trials=2"]

    trials, images = rows(tiny_space.parent, "two_workers.py", *short)

    assert trials.startswith("| `two_workers.py`, trials of 2 workers by those of one | 1.00 |")
    assert images.startswith("| `two_workers.py`, images of 2 workers by those of one | 1.00 |")
