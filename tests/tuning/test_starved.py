"""What the system says of processes that it killed for want of memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnsearch.tuning import starved
from cnnsearch.tuning.starved import memory_kills


def test_kills_for_memory_are_read_from_every_counter_there_is(tmp_path: Path) -> None:
    group, machine = tmp_path / "memory.events", tmp_path / "vmstat"
    group.write_text("low 0\noom 4\noom_kill 3\noom_group_kill 9\n", encoding="ascii")
    machine.write_text("pgfault 12\noom_kill 5\n", encoding="ascii")

    assert memory_kills((group, machine, tmp_path / "none")) == 8


def test_where_nothing_is_told_there_were_none(tmp_path: Path) -> None:
    assert memory_kills((tmp_path / "none",)) == 0


@pytest.mark.parametrize("counter", ["memory.events", "memory.oom_control"])
def test_kills_are_counted_in_the_own_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counter: str
) -> None:
    (tmp_path / counter).write_text("under_oom 0\noom_kill 0\n", encoding="ascii")
    monkeypatch.setattr(starved, "own_groups", lambda controller: [tmp_path])
    before = memory_kills()

    (tmp_path / counter).write_text("under_oom 0\noom_kill 1\n", encoding="ascii")

    assert memory_kills() >= before + 1  # the machine may count another meanwhile
