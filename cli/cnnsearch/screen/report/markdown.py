"""The short form of a report, in Markdown as GitHub and GitLab read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from cnnsearch.results.ranking import may_win
from cnnsearch.screen.pages.cells import Cell, Table
from cnnsearch.screen.report import words
from cnnsearch.screen.report.tables import confused_pairs, trials_table
from cnnsearch.screen.setting_words import changed_settings
from cnnsearch.screen.sheets import escaped
from cnnsearch.screen.summary_fields import began_with
from cnnsearch.screen.trial_table import unlike
from cnnsearch.space.quantities import plural

BEST = 5  # trials that are listed
MOST_SETTINGS = 4  # of a trial
MOST_COLUMNS = ("settings", "time")  # left out: a pull request is narrow


def markdown(report: Mapping[str, Any]) -> str:
    """Return the answer, the figures, the best trials and the classes confused most."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    run = report["summary"]["run"]
    yield f"## cnnsearch: {escaped(run['name'])}"
    yield ""
    if state := words.state(report):
        yield f"**{escaped(state)}**"
        yield ""
    yield escaped(words.answer(report))
    yield ""
    yield from _table(("", "", ""), words.figures(report))
    yield ""
    best = _best_trials(report)
    if best.rows:
        yield f"Best of {plural(len(report['summary']['trials']), 'trial')}"
        yield ""
        best = _with_changes(best, report)
        yield from _shortened(best)
        yield ""
        if stages := words.of_stages(best):
            yield escaped(stages)
            yield ""
        yield escaped(words.first_trial(report))
        yield ""
        if later := words.later(report):
            yield escaped(f"{later}.")
            yield ""
    pairs = confused_pairs(report, most=3)
    if pairs and pairs.rows:
        yield "Confused most often on the test images"
        yield ""
        yield from _shortened(pairs)
        yield ""
    facts = [f"Data {run['dataset']['name']}", f"space {run['space']}", f"seed {run['seed']}"]
    facts += [f"began with {earlier}"] if (earlier := began_with(run)) else []
    yield escaped(f"{', '.join(facts)}.")


def _best_trials(report: Mapping[str, Any]) -> Table:
    """Return the trials that may be the answer, best first: none that failed, however it scored."""
    table, summary = trials_table(report), report["summary"]
    count = sum(map(may_win, summary["trials"]))  # they come first
    return replace(table, rows=table.rows[: min(count, BEST)])


def _with_changes(best: Table, report: Mapping[str, Any]) -> Table:
    """Return the best trials with what each has else than the run's first, as `show` tells it."""
    first, rows = report["summary"]["trials"][0], best.rows
    settings = {trial["number"]: trial["settings"] for trial in report["summary"]["trials"]}
    own = first["settings"]
    changes = [changed_settings(settings[row[0].key], own, MOST_SETTINGS) for row in rows]
    return replace(
        best,
        columns=[*best.columns, (unlike(first["number"]), False)],
        rows=[[*row, Cell(words)] for row, words in zip(rows, changes, strict=True)],
    )


def _shortened(table: Table) -> Iterator[str]:
    kept = [i for i, (name, _) in enumerate(table.columns) if name not in MOST_COLUMNS]
    rows = ([row[index].words for index in kept] for row in table.rows[:BEST])
    yield from _table([table.columns[index][0] for index in kept], rows)


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = [escaped(name) for name in columns]
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(escaped(cell) for cell in row)} |"
