"""Workers divide the GPUs, or the cores, and no more cores are counted than may be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.tuning.place import Place, usable_cores

COUNTS = st.integers(1, 64)


@given(COUNTS, COUNTS)
def test_the_cores_are_divided_with_none_left_over(workers: int, cores: int) -> None:
    shares = [Place(index, workers).threads(cores) for index in range(workers)]

    assert min(shares) >= 1
    assert max(shares) - min(shares) <= 1
    assert sum(shares) == max(cores, workers)


@given(COUNTS, COUNTS)
def test_the_gpus_are_divided_as_evenly_as_can_be(workers: int, gpus: int) -> None:
    users = [Place(index, workers).gpu(gpus) for index in range(workers)]
    by_gpu = [users.count(gpu) for gpu in range(gpus)]

    assert sum(by_gpu) == workers
    assert max(by_gpu) - min(by_gpu) <= 1


def test_without_gpus_there_is_none_to_have() -> None:
    assert Place(0, 2).gpu(0) is None


@pytest.fixture
def eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="ascii")
    return path


@pytest.mark.usefixtures("eight_cores")
@pytest.mark.parametrize(
    ("text", "cores"),
    [("max 100000", 8), ("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1), ("", 8)],
)
def test_the_quota_of_a_container_counts(tmp_path: Path, text: str, cores: int) -> None:
    write(tmp_path / "cpu.max", text)

    assert usable_cores(tmp_path, tmp_path / "none") == cores


@pytest.mark.usefixtures("eight_cores")
def test_the_least_quota_of_the_groups_around_a_process_counts(tmp_path: Path) -> None:
    own = write(tmp_path / "own", "0::/machine/job\n")
    write(tmp_path / "machine" / "cpu.max", "300000 100000")
    write(tmp_path / "machine" / "job" / "cpu.max", "max 100000")

    assert usable_cores(tmp_path, own) == 3


@pytest.mark.usefixtures("eight_cores")
@pytest.mark.parametrize(("quota", "cores"), [("-1", 8), ("400000", 4)])
def test_the_older_form_of_a_quota_is_read(tmp_path: Path, quota: str, cores: int) -> None:
    write(tmp_path / "cpu" / "cpu.cfs_quota_us", quota)
    write(tmp_path / "cpu" / "cpu.cfs_period_us", "100000")

    assert usable_cores(tmp_path, tmp_path / "none") == cores


def test_this_machine_has_a_core_at_least() -> None:
    assert usable_cores() >= 1
