"""Tables for any place: what names hold is shown there, never interpreted."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from cnnsearch.screen.sheets import Sheet, markdown, print_sheets

NASTY = "a|b <script>alert(1)</script> `x` [y](z)\n## no \x1b[31mred"
SHEET = Sheet("Runs", ("name", "trials"), [("night", "7"), (NASTY, "8")], ("Some *remark*.",))


def test_markdown_is_a_table_with_one_line_a_row() -> None:
    lines = markdown([SHEET]).splitlines()

    assert lines[:5] == ["## Runs", "", "| name | trials |", "| --- | --- |", "| night | 7 |"]
    assert lines[5].count("|") == lines[5].count("\\|") + 3
    assert lines[7] == "Some \\*remark\\*."


def test_markdown_does_not_interpret_what_names_hold() -> None:
    (line,) = (line for line in markdown([SHEET]).splitlines() if "alert" in line)

    assert "\\<script\\>" in line
    assert "\\`x\\` \\[y\\](z)" in line
    assert "\x1b" not in line


def test_a_terminal_gets_aligned_columns() -> None:
    console = Console(file=StringIO(), width=200)

    print_sheets([SHEET, Sheet("Empty", remarks=("None.",))], console)

    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert lines[1].split() == ["name", "trials"]
    assert lines[2].split() == ["night", "7"]
    assert lines[-2:] == ["Empty", "None."]


def test_a_terminal_shows_the_names_over_columns_as_they_are() -> None:
    stream = StringIO()

    sheet = Sheet("[/b]", ("runs [old]", "[/x]\x1b[31m"), [("night", "7")])
    print_sheets([sheet], Console(file=stream, width=200))

    title, header, _ = stream.getvalue().splitlines()
    assert title == "[/b]"
    assert header.rstrip() == "runs [old]  [/x]?[31m"
