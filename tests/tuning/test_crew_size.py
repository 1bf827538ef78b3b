"""Where the user does not say how many workers, the machine and the budget do."""

from __future__ import annotations

import pytest

from cnnsearch.tuning import crew_size
from cnnsearch.tuning.budget import Budget
from cnnsearch.tuning.crew_size import (
    MOST_ON_CPU,
    SHORTEST_S,
    WORKER_BYTES,
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
