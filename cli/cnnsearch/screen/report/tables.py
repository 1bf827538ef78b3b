"""The tables of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnnsearch.records.tally import state_words
from cnnsearch.results.interval import wilson_interval
from cnnsearch.results.ranking import best_first, may_win
from cnnsearch.screen import wording
from cnnsearch.screen.layer_table import layer_columns
from cnnsearch.screen.pages.cells import Cell, Table
from cnnsearch.screen.setting_words import telling_settings
from cnnsearch.screen.summary_fields import scored_step
from cnnsearch.space.quantities import format_count

MOST_TRIALS = 500  # the best; of thousands, the page would be too large to open
Report = Mapping[str, Any]


def trials_table(report: Report) -> Table:
    """Return every trial, the best first, those that failed or have no score last."""
    summary = report["summary"]
    run = summary["run"]
    score = next(iter(run["objectives"]))
    latencies = sorted({name for trial in summary["trials"] for name in trial["measured"]})
    ranked = best_first(summary["trials"], run["objectives"])
    ordered = [*ranked, *(trial for trial in summary["trials"] if not may_win(trial))]
    shown = ordered[:MOST_TRIALS]
    every = [trial["settings"] for trial in summary["trials"]]
    lines = telling_settings([trial["settings"] for trial in shown], every)
    count = run["dataset"].get("validation") if score == "val_accuracy" else None
    numbers = [trial["number"] for trial in shown]
    columns = [("trial", True), (score, True)]
    columns += [("95 % interval", False)] if count else []
    columns += [("parameters", True), ("MACs", True)]
    columns += [(wording.heading(name), True) for name in latencies]
    columns += [("at step", True), ("time", True), ("ended", False), ("settings", False)]
    return Table(
        columns,
        [
            _trial(trial, line, latencies, count, _state(trial, summary))
            for trial, line in zip(shown, lines, strict=True)
        ],
        marked=numbers.index(report["shown_trial"]) if report["shown_trial"] in numbers else None,
        left_out=len(ordered) - len(shown),
    )


def _trial(
    trial: Mapping[str, Any],
    settings: str,
    latencies: Sequence[str],
    count: int | None,
    state: str,
) -> list[Cell]:
    cells = [Cell(str(trial["number"]), trial["number"]), _number(trial["value"], wording.score)]
    if count:
        cells.append(_interval(trial["value"], count))
    cells += [_number(trial[name], format_count) for name in ("parameters", "macs")]
    for name in latencies:
        cells.append(_number(trial["measured"].get(name, {}).get("median_ms"), wording.latency))
    cells += [
        _number(scored_step(trial), wording.whole_number),
        _number(trial["seconds"], wording.duration),
    ]
    return [*cells, Cell(state), Cell(settings)]


def _state(trial: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    if trial["state"] == "running":
        return wording.in_training(summary["run"]["state"], trial["last_step"])
    winner = summary["winner"]
    is_winner = winner is not None and winner["trial"] == trial["number"]
    return wording.WINNER if is_winner else state_words(trial["state"])


def _interval(value: float | None, count: int) -> Cell:
    if value is None or not 0 <= value <= 1:
        return Cell(wording.NOTHING)
    low, high = wilson_interval(round(value * count), count)
    return Cell(f"{low:.3f} to {high:.3f}", low)


def _number(value: Any, words: Any) -> Cell:
    return Cell(wording.NOTHING if value is None else words(value), value)


def layers_table(report: Report) -> Table | None:
    """Return the winner's layers, or blocks where they are many."""
    if not report["network"]:
        return None
    columns = layer_columns(report["network"])
    rows = zip(*(column.cells for column in columns), strict=True)
    return Table(
        [(column.name, column.is_number) for column in columns],
        [[Cell(words) for words in row] for row in rows],
        sortable=False,  # the order of its rows is that of the network
    )


def classes_table(report: Report) -> Table | None:
    """Return how each class was told from the others, the one found least often first."""
    found = report["evaluation"]
    if not found:
        return None
    ordered = sorted(
        found["classes"], key=lambda own: 2 if own["recall"] is None else own["recall"]
    )
    names = (
        "class",
        "images",
        "found (recall)",
        "95 % interval",
        "right when said (precision)",
        "F1",
    )
    return Table(
        [(name, name not in ("class", "95 % interval")) for name in names],
        [_class(own) for own in ordered],
    )


def _class(own: Mapping[str, Any]) -> list[Cell]:
    interval = Cell(wording.NOTHING)
    if own["count"]:
        low, high = wilson_interval(round(own["recall"] * own["count"]), own["count"])
        interval = Cell(f"{wording.percent(low)} to {wording.percent(high)}", low)
    return [
        Cell(own["name"]),
        _number(own["count"], wording.whole_number),
        _number(own["recall"], wording.percent),
        interval,
        _number(own["precision"], wording.percent),
        _number(own["f1"], wording.score),
    ]


def confused_pairs(report: Report, most: int = 8) -> Table | None:
    """Return the classes that are taken for each other most often."""
    found = report["evaluation"]
    if not found:
        return None
    labels, matrix = report["labels"], found["confusion"]
    pairs = sorted(
        (
            (count, true, predicted)
            for true, row in enumerate(matrix)
            for predicted, count in enumerate(row)
            if count and true != predicted
        ),
        key=lambda pair: (-pair[0], pair[1:]),
    )[:most]
    rows = [
        [
            Cell(labels[true]),
            Cell(labels[predicted]),
            Cell(f"{count:,}", count),
            _number(count / sum(matrix[true]), wording.percent),
        ]
        for count, true, predicted in pairs
    ]
    return Table(
        [("is", False), ("taken for", False), ("images", True), ("of the class", True)], rows
    )
