"""The short form is for a pull request: a few lines, in which no text becomes markup."""

from __future__ import annotations

from typing import Any

import pytest
from tests.screen.report.conftest import HOSTILE, Reports

from cnnsearch.screen.report.markdown import markdown
from cnnsearch.screen.sheets import escaped


def test_the_answer_comes_first_and_the_figures_have_their_intervals(reports: Reports) -> None:
    title, _, answer, *rest = markdown(reports("finished")).splitlines()

    assert title == "## cnnsearch: night"
    assert "networks were tried; the best gets" in answer
    assert "95 % interval" in answer
    assert any(line.startswith("| test accuracy |") for line in rest)
    assert len(rest) < 35


def test_a_run_that_began_with_another_says_so(reports: Reports) -> None:
    report = reports("finished")
    earlier = {"run": "first_night", "folder": "runs/first_night", "trials": 3, "warnings": []}
    run = {**report["summary"]["run"], "began_with": earlier}

    text = markdown({**report, "summary": {**report["summary"], "run": run}})

    assert text.endswith("seed 1, began with 3 trials of first\\_night.\n")


def test_a_winner_that_was_exported_in_a_later_state_is_told_below_the_best_trials(
    reports: Reports,
) -> None:
    report = reports("finished")
    winner = {**report["summary"]["winner"], "value": 0.99, "steps": 2_160}
    summary = {**report["summary"], "winner": winner}

    note = f"Trial {winner['trial']} was exported in a later state: val_accuracy 0.9900 at step"

    assert escaped(note) in markdown({**report, "summary": summary})
    assert "in a later state" not in markdown(
        {**report, "summary": {**summary, "winner": {**winner, "value_in_search": 0.99}}}
    )


def test_a_trial_is_told_by_what_it_has_else_than_the_first_as_on_other_screens(
    reports: Reports,
) -> None:
    report = reports("finished")
    first, *others = report["summary"]["trials"]
    best = max(others, key=lambda trial: trial["value"] or 0.0)

    def last_cell(settings: dict[str, Any]) -> str:
        trials = [{**first, "settings": settings}, *others]
        lines = markdown({**report, "summary": {**report["summary"], "trials": trials}})
        (line,) = (row for row in lines.splitlines() if row.startswith(f"| {best['number']} |"))
        return line.rsplit(" | ", 1)[1].removesuffix(" |")

    assert last_cell(best["settings"]) == "nothing"
    assert last_cell({**best["settings"], "training.batch_size": 1}) == (
        f"batch\\_size={best['settings']['training.batch_size']}"
    )
    assert last_cell({}).endswith(f"and {len(best['settings']) - 4} more")
    assert escaped("settings unlike trial 0's") in markdown(report)


def test_it_is_said_what_the_first_trial_is(reports: Reports) -> None:
    report = reports("finished")
    first = report["summary"]["trials"][0]["settings"]
    earlier = {"run": "before", "folder": "runs/before", "trials": 3, "warnings": []}
    run = {**report["summary"]["run"], "began_with": earlier}

    guessed = markdown({**report, "first_guess": first})
    began = markdown({**report, "summary": {**report["summary"], "run": run}})

    assert "\nTrial 0 was tried first: it is the first guess.\n" in guessed
    assert "\nTrial 0 was tried first.\n" in markdown(report)
    assert "\nTrial 0 was tried first: the search began with 3 trials of before.\n" in began


def test_a_trial_that_diverged_after_its_best_look_is_none_of_the_best(reports: Reports) -> None:
    report = reports("unfinished")
    first, *others = report["summary"]["trials"]
    diverged = {**first, "state": "diverged", "value": 0.999}

    text = markdown({**report, "summary": {**report["summary"], "trials": [diverged, *others]}})

    assert "diverged" not in text
    assert f"| {first['number']} | 0.9990 |" not in text
    assert f"| {others[0]['number']} | {others[0]['value']:.4f} |" in text


def test_an_unfinished_run_says_so(reports: Reports) -> None:
    text = markdown(reports("unfinished"))

    assert "there is no winner yet" in text
    assert "Go on with: cnnsearch resume /" in text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("running", "still in progress"),
        ("stopped", "Go on with: cnnsearch resume '/srv/my runs/night'"),
        ("killed", "ended without a word"),
        ("failed", "This run failed"),
    ],
)
def test_how_it_stands_with_a_run_comes_before_its_figures(
    reports: Reports, state: str, words: str
) -> None:
    report = reports("unfinished")
    summary = report["summary"]
    run = {**summary["run"], "state": state, "folder": "/srv/my runs/night"}

    lines = markdown({**report, "summary": {**summary, "run": run}}).splitlines()

    assert words in lines[2]


def test_no_text_of_a_user_becomes_markup(reports: Reports) -> None:
    text = markdown(reports("hostile"))

    assert HOSTILE not in text
    assert "\\</script\\>\\<script\\>" in text
    rows = [line.replace("\\|", "") for line in text.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} <= {4, 5, 10}  # no cell makes another


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("0.93 to 0.95", "0.93 to 0.95"),
        ("a|b", "a\\|b"),
        ("@team #12 :smile:", "\\@team \\#12 \\:smile:"),
        ("http://a.example", "http\\://a\\.example"),
        ("www.example", "www\\.example"),
        ("[x](y) <b> `c` $d$ *e* _f_", "\\[x\\](y) \\<b\\> \\`c\\` \\$d\\$ \\*e\\* \\_f\\_"),
        ("two\nlines", "two lines"),
    ],
)
def test_what_markdown_reads_otherwise_is_escaped(words: str, found: str) -> None:
    assert escaped(words) == found
