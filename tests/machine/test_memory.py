"""The memory that counts is the least of the machine's and the containers' around a process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cnnsearch.machine.memory import free_bytes, total_bytes


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


@pytest.mark.parametrize(
    ("limit", "text", "total"),
    [
        ("memory.max", "3000\n", 3_000),
        ("memory.max", "max\n", 8_192_000),
        ("memory/memory.limit_in_bytes", "9223372036854771712\n", 8_192_000),
    ],
)
def test_all_memory_is_that_of_the_container_or_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, text: str, total: int
) -> None:
    pages = {"SC_PAGE_SIZE": 4_096, "SC_PHYS_PAGES": 2_000}
    monkeypatch.setattr(os, "sysconf", pages.__getitem__)
    (tmp_path / limit).parent.mkdir(exist_ok=True)
    (tmp_path / limit).write_text(text, encoding="ascii")

    assert total_bytes(tmp_path, tmp_path / "none") == total


def test_where_nobody_tells_the_memory_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sysconf")

    assert total_bytes(tmp_path, tmp_path / "none") is None
