"""Where the user does not say how many workers, the machine and the budget do."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnsearch.tuning import crew_size
from cnnsearch.tuning.budget import Budget
from cnnsearch.tuning.crew_size import (
    MOST_ON_CPU,
    SHORTEST_S,
    WORKER_BYTES,
    count_gpus,
    free_bytes,
    usual_workers,
)

TEN_MINUTES = Budget(time_s=600.0, trials=None, reserve=0.2)


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    has(monkeypatch, gpus=0)


def has(
    monkeypatch: pytest.MonkeyPatch, *, gpus: int = 0, cores: int = 2, memory: int | None = None
) -> None:
    """Pretend a machine."""
    monkeypatch.setattr(crew_size, "count_gpus", lambda: gpus)
    monkeypatch.setattr(crew_size, "usable_cores", lambda: cores)
    monkeypatch.setattr(crew_size, "free_bytes", lambda: memory)


@pytest.mark.parametrize(("cores", "workers"), [(1, 1), (2, 2), (64, MOST_ON_CPU)])
def test_on_a_cpu_each_core_has_a_worker_up_to_a_few(
    monkeypatch: pytest.MonkeyPatch, cores: int, workers: int
) -> None:
    has(monkeypatch, cores=cores)

    assert usual_workers(TEN_MINUTES) == workers


def test_each_gpu_has_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    has(monkeypatch, gpus=8, cores=2)

    assert usual_workers(TEN_MINUTES) == 8


@pytest.mark.parametrize(("memory", "workers"), [(0, 1), (WORKER_BYTES, 1), (9 * WORKER_BYTES, 2)])
def test_each_worker_needs_memory_of_its_own(
    monkeypatch: pytest.MonkeyPatch, memory: int, workers: int
) -> None:
    has(monkeypatch, memory=memory)

    assert usual_workers(TEN_MINUTES) == workers


@pytest.mark.parametrize(("worker_bytes", "workers"), [(0, 2), (2 * WORKER_BYTES, 1)])
def test_large_images_take_memory_of_each_worker(
    monkeypatch: pytest.MonkeyPatch, worker_bytes: int, workers: int
) -> None:
    has(monkeypatch, memory=5 * WORKER_BYTES)

    assert usual_workers(TEN_MINUTES, worker_bytes) == workers


@pytest.mark.parametrize(
    "budget",
    [
        Budget(time_s=None, trials=20, reserve=0.2),
        Budget(time_s=600.0, trials=20, reserve=0.2),
        Budget(time_s=SHORTEST_S, trials=None, reserve=0.2),
    ],
)
def test_counted_trials_and_short_searches_have_one_worker(budget: Budget) -> None:
    assert usual_workers(budget) == 1


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


@pytest.mark.parametrize(
    ("limit", "used"),
    [
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ],
)
def test_the_free_memory_is_that_of_the_container_or_the_machine(
    tmp_path: Path, limit: str, used: str
) -> None:
    machine = tmp_path / "meminfo"
    machine.write_text("MemTotal: 8000 kB\nMemAvailable:   2000 kB\n", encoding="ascii")

    assert free_bytes(tmp_path / "none", tmp_path) is None
    assert free_bytes(machine, tmp_path) == 2_048_000

    (tmp_path / limit).parent.mkdir(exist_ok=True)
    (tmp_path / limit).write_text("1500000\n", encoding="ascii")
    (tmp_path / used).write_text("500000\n", encoding="ascii")

    assert free_bytes(machine, tmp_path) == 1_000_000

    stat = (tmp_path / limit).with_name("memory.stat")
    stat.write_text("anon 300000\ninactive_file 200000\n", encoding="ascii")

    assert free_bytes(machine, tmp_path) == 1_200_000


def test_a_container_without_a_limit_has_the_memory_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("max\n", encoding="ascii")
    (tmp_path / "memory.current").write_text("500000\n", encoding="ascii")

    assert free_bytes(tmp_path / "none", tmp_path) is None


def test_the_least_memory_of_the_groups_around_a_process_counts(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("4:memory:/machine/job\n", encoding="ascii")
    for group, limit, used in (("machine", 9_000, 5_000), ("machine/job", 6_000, 1_000)):
        folder = tmp_path / "memory" / group
        folder.mkdir(parents=True)
        (folder / "memory.limit_in_bytes").write_text(f"{limit}\n", encoding="ascii")
        (folder / "memory.usage_in_bytes").write_text(f"{used}\n", encoding="ascii")

    assert free_bytes(tmp_path / "none", tmp_path, own) == 4_000


def test_the_idle_cache_of_groups_within_can_be_taken_back_too(tmp_path: Path) -> None:
    group = tmp_path / "memory"
    group.mkdir()
    (group / "memory.limit_in_bytes").write_text("9000\n", encoding="ascii")
    (group / "memory.usage_in_bytes").write_text("5000\n", encoding="ascii")
    stat = "cache 3000\ninactive_file 0\ntotal_cache 3000\ntotal_inactive_file 2000\n"
    (group / "memory.stat").write_text(stat, encoding="ascii")

    assert free_bytes(tmp_path / "none", tmp_path) == 6_000
