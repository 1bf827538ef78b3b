"""A worker that has grown is noticed, once it has had its usual size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from cnnsearch.tuning.worker import memory
from cnnsearch.tuning.worker.memory import GROWTH, SETTLED_AFTER, MemoryWatch, resident_bytes


def grown(monkeypatch: pytest.MonkeyPatch, sizes: Sequence[float]) -> list[bool]:
    """Return what the watch says after each of so many trials, at these sizes."""
    remaining = iter(sizes)
    monkeypatch.setattr(memory, "resident_bytes", lambda: next(remaining))
    watch = MemoryWatch()
    return [watch.has_grown() for _ in sizes]


def test_growing_to_the_usual_size_is_no_growth(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = [100 * 2**trial for trial in range(SETTLED_AFTER)]

    assert grown(monkeypatch, [*sizes, sizes[-1], GROWTH * sizes[-1]]) == [False] * 7


def test_growing_beyond_the_limit_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = [100.0] * SETTLED_AFTER + [139, 141, 100]

    assert grown(monkeypatch, sizes)[-3:] == [False, True, False]


def test_the_largest_of_the_first_sizes_is_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert grown(monkeypatch, [100, 200, 100, 100, 100, 279, 281])[-2:] == [False, True]


def test_where_the_system_does_not_tell_nothing_has_grown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "Path", lambda name: Path("/nonexistent"))

    assert resident_bytes() == 0
    assert not any(grown(monkeypatch, [0] * 20))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell")
def test_the_size_is_that_of_this_process() -> None:
    before = resident_bytes()
    held = b"x" * 50_000_000

    assert before > 5_000_000
    assert resident_bytes() > before + 0.8 * len(held)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell")
def test_images_that_are_mapped_from_the_disk_are_no_growth(tmp_path: Path) -> None:
    images = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.uint8, (50_000_000,))
    images[:] = 7
    images.flush()
    del images
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    before = resident_bytes()

    assert mapped[:: 1 << 12].sum() > 0
    assert resident_bytes() < before + 10_000_000
