"""The control groups of a process are found, of either version, and from within a container."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnsearch.machine.control_groups import own_groups

VERSION_1 = "9:name=systemd:/init\n4:memory,hugetlb:/slurm/job\n1:cpu,cpuacct:/other\n"


def make(root: Path, *folders: str) -> list[Path]:
    for folder in folders:
        (root / folder).mkdir(parents=True, exist_ok=True)
    return [root / folder for folder in folders]


@pytest.mark.parametrize(
    ("lines", "folders"),
    [
        ("0::/user.slice/job\n", ("user.slice/job", "user.slice", "", "memory")),
        (VERSION_1, ("", "memory/slurm/job", "memory/slurm", "memory")),
        (VERSION_1 + "0::/\n", ("", "memory/slurm/job", "memory/slurm", "memory")),
    ],
)
def test_a_process_is_in_its_group_and_in_those_around_it(
    tmp_path: Path, lines: str, folders: tuple[str, ...]
) -> None:
    (tmp_path / "own").write_text(lines, encoding="ascii")
    there = make(tmp_path / "trees", *folders, "memory/init", "memory/other", "another")

    found = own_groups("memory", tmp_path / "trees", tmp_path / "own")

    assert found == there[: len(folders)]


def test_a_container_sees_its_group_as_the_root_of_the_tree(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("4:memory:/docker/7f3a\n", encoding="ascii")
    there = make(tmp_path / "trees", "", "memory")

    assert own_groups("memory", tmp_path / "trees", tmp_path / "own") == there


def test_where_there_are_no_groups_there_are_none(tmp_path: Path) -> None:
    assert own_groups("memory", tmp_path / "none", tmp_path / "none") == []
