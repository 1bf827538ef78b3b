"""What GitHub takes from a job: annotations that no text breaks out of, summaries of 1 MiB."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnsearch.screen.github import CUT, MOST_BYTES, annotate, append_step_summary, cut


@pytest.fixture
def summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return path


def test_an_annotation_is_one_line_whatever_it_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    annotate("error", "a:b,c", "90 %\r\nof\n::warning::it")

    assert capsys.readouterr().err == ("::error title=a%3Ab%2Cc::90 %25%0D%0Aof%0A::warning::it\n")


def test_elsewhere_an_annotation_is_plain_words(
    summary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    annotate("warning", "gate", "macs 5M is not at most 4M")

    assert capsys.readouterr() == ("", "Warning: macs 5M is not at most 4M\n")


def test_summaries_are_appended(summary: Path) -> None:
    append_step_summary("## one")
    append_step_summary("## two")

    assert summary.read_text(encoding="utf-8") == "## one\n## two\n"


def test_a_summary_stays_below_a_mebibyte_and_says_that_it_was_cut(summary: Path) -> None:
    summary.write_text("before\n", encoding="utf-8")

    append_step_summary("a line of ä\n" * 200_000)

    content = summary.read_bytes()
    assert len(content) < 2**20
    assert content.decode().endswith(f"a line of ä\n{CUT}")


@pytest.mark.parametrize("room", [0, 10, len(CUT), len(CUT) + 5])
def test_what_is_cut_fits(room: int) -> None:
    assert len(cut("x" * 100 + "\n", room)) <= room


def test_what_fits_is_whole() -> None:
    assert cut("ä\n", MOST_BYTES) == "ä\n".encode()


def test_without_a_job_there_is_no_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.chdir(tmp_path)

    append_step_summary("text")

    assert list(tmp_path.iterdir()) == []


def test_a_summary_that_cannot_be_written_is_told_and_no_more(
    summary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    summary.mkdir()

    append_step_summary("text")

    assert "no summary of the step was written" in capsys.readouterr().err
