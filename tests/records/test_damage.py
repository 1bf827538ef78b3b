"""Promises about a finished run whose files were cut: it is told in the same words everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cnnsearch.errors import RunError
from cnnsearch.records.damage import refuse_damaged
from cnnsearch.records.folder import RunFolder, create_run_folder, write_run_facts
from cnnsearch.records.study import create_study

WINNER = {"trial": 0, "value": 0.9, "steps": 60, "annealed_steps": 0, "checkpoint": "scored.npz"}


@pytest.fixture
def finished(tmp_path: Path) -> RunFolder:
    """A run that has noted all it found."""
    folder = create_run_folder(tmp_path, "night", "small")
    study = create_study(folder.journal, {"val_accuracy": "max"})
    study.note_study(winner=WINNER, tested={"correct": 9, "count": 10}, exports=[])
    write_run_facts(folder, "name: small\n", {})
    folder.summary.write_text('{"version": 1}', encoding="utf-8")
    return folder


def lines_of(folder: RunFolder) -> list[bytes]:
    return folder.journal.read_bytes().splitlines(keepends=True)


def test_a_whole_run_is_let_through(finished: RunFolder) -> None:
    refuse_damaged(finished)

    finished.journal.write_bytes(b"".join(lines_of(finished)) + b'{"op_co')  # a killed export
    refuse_damaged(finished)


@pytest.mark.parametrize("kept", [0, 1, 2, 3])
def test_a_journal_without_its_end_is_damaged(finished: RunFolder, kept: int) -> None:
    finished.journal.write_bytes(b"".join(lines_of(finished)[:kept]) + b'{"op_co')

    with pytest.raises(RunError, match=r"journal is damaged: its end is gone.*\nput it back"):
        finished.read_facts()


@pytest.mark.parametrize("line", [b"\x00\x00\n", b"[1]\n", b"5\n", b"{\n"])
def test_a_journal_damaged_in_the_middle_is_told_with_the_line(
    finished: RunFolder, line: bytes
) -> None:
    first, *others = lines_of(finished)
    finished.journal.write_bytes(first + line + b"".join(others))

    with pytest.raises(RunError, match=r"damaged: line 2 cannot be read"):
        finished.read_facts()


def test_a_journal_that_is_gone_is_missing(finished: RunFolder) -> None:
    finished.journal.unlink()

    with pytest.raises(RunError, match="is missing"):
        finished.read_facts()


@pytest.mark.parametrize("content", ["", '{"version": 1, "run"', "[1]"])
def test_a_damaged_summary_is_told_with_how_to_make_it_anew(
    finished: RunFolder, content: str
) -> None:
    finished.summary.write_text(content, encoding="utf-8")

    with pytest.raises(RunError) as error:
        finished.read_facts()

    assert f"{finished.summary} is damaged" in str(error.value)
    assert f"delete it, and `cnnsearch resume {finished.called}` makes it anew" in str(error.value)


@pytest.mark.parametrize("facts", [{}, {"winner": WINNER}])
def test_a_run_that_is_not_finished_is_none_of_these(
    finished: RunFolder, facts: dict[str, Any]
) -> None:
    finished.summary.unlink()
    create_study(finished.journal.with_name("other.journal"), {"val_accuracy": "max"}).note_study(
        **facts
    )
    finished.journal.with_name("other.journal").replace(finished.journal)
    finished.journal.write_bytes(finished.journal.read_bytes() + b'{"op_co')

    finished.read_facts()
