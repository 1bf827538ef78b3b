"""`cnnsearch compare`: one comparison for a terminal, a pull request, a browser and a program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.results.conftest import MakeRun, data, finish, make_run  # noqa: F401 (a fixture)

from cnnsearch.main import COMMANDS, execute, make_app
from cnnsearch.records.folder import RunFolder


@pytest.fixture
def two(make_run: MakeRun) -> list[str]:  # noqa: F811
    right = [True] * 80 + [False] * 20
    one = finish(make_run("one", dataset=data()), right)
    other = finish(make_run("other", dataset=data()), [True] * 95 + [False] * 5)
    return [str(one.path), str(other.path)]


def compare(*arguments: str) -> int:
    return execute(make_app(*COMMANDS), ["compare", *arguments])


def test_a_terminal_shows_figures_test_and_settings(
    two: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = compare(*two)

    told = capsys.readouterr().out
    assert code == 0
    assert "0.9500 (0.8882-0.9785)" in told
    assert "+15.00 points (95 % interval" in told
    assert "mcnemar: McNemar's test, exact, on the same images." in told
    assert "Settings of the winners that differ\nNone." in told


def test_markdown_and_json_tell_the_same(
    two: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    compare(*two, "--md")
    markdown = capsys.readouterr().out
    compare(*two, "--json")
    found = json.loads(capsys.readouterr().out)

    assert "| test accuracy | 0.8000" in markdown
    assert found["version"] == 1
    assert found["accuracy"][0]["difference"]["only_one"] == 15


def test_the_test_that_a_row_was_judged_by_is_named_in_it(
    two: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(*two, "--md") == 0

    lines = capsys.readouterr().out.splitlines()
    assert any(line.endswith("| by |") for line in lines)
    assert [line for line in lines if line.endswith("| mcnemar |")]


def test_every_form_warns_of_accuracies_on_other_data(
    two: list[str],
    make_run: MakeRun,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    elsewhere = finish(make_run("elsewhere", dataset=data("other")), [True] * 100)
    page, warning = tmp_path / "page.html", "accuracies cannot be compared, and no paired test"

    for form in ([], ["--md"], ["--json"], ["--html", str(page)]):
        assert compare(two[0], str(elsewhere.path), *form) == 0
        told = capsys.readouterr().out or page.read_text(encoding="utf-8")
        assert warning in told
        assert "hardly" not in told
        assert " points " not in told

    assert compare(*two) == 0
    assert warning not in capsys.readouterr().out


def test_the_page_is_written_whole(
    two: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"

    assert compare(*two, "--html", str(page)) == 0
    assert capsys.readouterr() == ("", f"wrote {page}\n")
    assert "<h1>Comparison of one, other</h1>" in page.read_text(encoding="utf-8")


def test_one_run_or_the_same_twice_is_nothing_to_compare(
    two: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(two[0]) == 2
    assert "name two runs or more" in capsys.readouterr().err
    assert compare(two[0], two[0]) == 2
    assert "is named twice" in capsys.readouterr().err
    assert compare(*two, "--json", "--md") == 2


def test_an_unfinished_run_is_refused(
    two: list[str],
    make_run: MakeRun,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    begun: RunFolder = make_run("begun")

    assert compare(*two, str(begun.path)) == 2
    assert f"cnnsearch resume {begun.path}" in capsys.readouterr().err


def test_summaries_that_were_put_aside_into_one_folder_are_told_apart(
    two: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = [tmp_path / "monday.json", tmp_path / "tuesday.json"]
    for run, file in zip(two, kept, strict=True):
        summary = json.loads((Path(run) / "summary.json").read_text(encoding="utf-8"))
        summary["run"]["name"] = "nightly"
        file.write_text(json.dumps(summary), encoding="utf-8")

    code = compare(*map(str, kept), "--json")

    assert code == 0
    names = [run["name"] for run in json.loads(capsys.readouterr().out)["runs"]]
    assert names == list(map(str, kept))
