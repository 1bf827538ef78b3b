"""Files are whole or were not written, and a cut last line costs that line only."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.records.files import (
    append_json_line,
    cut_broken_tail,
    read_json_lines,
    write_bytes,
    write_json,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def test_a_write_replaces_the_whole_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    path.write_bytes(b"a longer text than the new one")

    write_bytes(path, b"new")

    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "rename"])
@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_old_file_and_no_temporary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, failure: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise failure

    path = tmp_path / "facts.json"
    path.write_bytes(b"old")
    if step == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)

    with pytest.raises(type(failure)):
        write_bytes(path, b"new")

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_written_file_may_be_read_by_others(tmp_path: Path) -> None:
    write_bytes(tmp_path / "facts.json", b"new")

    assert (tmp_path / "facts.json").stat().st_mode & 0o777 == 0o644


def test_json_without_a_value_for_a_number_is_refused_before_the_old_file_goes(
    tmp_path: Path,
) -> None:
    path = tmp_path / "facts.json"
    write_json(path, {"value": 1})

    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, {"value": float("nan")})

    assert json.loads(path.read_text()) == {"value": 1}


@given(lines=st.lists(json_values, max_size=5))
def test_what_was_appended_is_read_in_order(
    tmp_path_factory: pytest.TempPathFactory, lines: list[Any]
) -> None:
    path = tmp_path_factory.mktemp("lines") / "events.jsonl"
    for line in lines:
        append_json_line(path, line)

    assert list(read_json_lines(path)) == lines


def test_there_is_nothing_to_read_where_there_is_no_file(tmp_path: Path) -> None:
    assert list(read_json_lines(tmp_path / "events.jsonl")) == []


@pytest.mark.parametrize("cut", range(1, len(b'{"n":2}\n')))
def test_an_append_after_a_cut_line_costs_the_cut_line_only(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"n":1}\n{"n":2}\n'[: 8 + cut])

    append_json_line(path, {"n": 3})

    second = [{"n": 2}] if cut == len(b'{"n":2}') else []
    assert list(read_json_lines(path)) == [{"n": 1}, *second, {"n": 3}]


def test_lines_that_are_no_json_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"n":1}\n{"n":\xff\xfe\n\n\x00\x00\x00\n{"n":2}\n')

    assert list(read_json_lines(path)) == [{"n": 1}, {"n": 2}]


@given(lines=st.lists(json_values, max_size=4), data=st.data())
def test_cutting_keeps_exactly_the_whole_lines(
    tmp_path_factory: pytest.TempPathFactory, lines: list[Any], data: st.DataObject
) -> None:
    whole = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    path = tmp_path_factory.mktemp("lines") / "journal"
    length = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:length])

    removed = cut_broken_tail(path)

    kept = whole[:length].rfind(b"\n") + 1
    assert path.read_bytes() == whole[:kept]
    assert removed == length - kept


def test_zeros_that_a_power_cut_left_are_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b'{"n":1}\n\x00\x00\x00\x00\n\x00\x00')

    assert cut_broken_tail(path) == 7
    assert path.read_bytes() == b'{"n":1}\n'


def test_a_sound_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b'{"n":1}\n{"n":2}\n')
    before = path.stat().st_mtime_ns

    assert cut_broken_tail(path) == 0
    assert path.stat().st_mtime_ns == before
