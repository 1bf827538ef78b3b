"""No more cores and GPUs are counted than may be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cnnsearch.machine.processors import count_gpus, usable_cores


@pytest.fixture(autouse=True)
def all_gpus_visible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.parametrize(
    ("visible", "count"), [(None, 2), ("", 0), ("-1", 0), ("1", 1), ("0,1", 2), ("0,1,2", 2)]
)
def test_gpus_are_counted_as_far_as_they_are_visible(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, visible: str | None, count: int
) -> None:
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "tty0"):
        (tmp_path / name).touch()
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)

    assert count_gpus(tmp_path) == count


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
