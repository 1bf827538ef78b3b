"""What `cnnsearch evaluate` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from cnnsearch.screen.predictions import one_line
from cnnsearch.screen.terminal import print_plainly, stdout_console
from cnnsearch.screen.wording import accuracy, score

MATRIX_CLASSES = 20  # with more, the most frequent confusions are listed instead
CONFUSIONS = 20
LABEL_WIDTH = 13
Facts = Mapping[str, Any]


def print_evaluation(found: Facts, console: Console | None = None) -> None:
    """Print the figures, then a line a class, what was taken for what, and the worst mistakes."""
    evaluation = found["evaluation"]
    print_plainly(
        console or stdout_console(),
        *(f"{label:<{LABEL_WIDTH}} {text}" for label, text in _figures(found)),
        "",
        _classes(evaluation["classes"]),
        "",
        *_confusion(evaluation),
        *_mistakes(evaluation["mistakes"]),
    )


def _figures(found: Facts) -> list[tuple[str, str]]:
    evaluation, data = found["evaluation"], found["data"]
    figures = [
        ("model", one_line(found["model"]["path"])),
        ("data", f"{one_line(data['source'])}, {_which(data)}"),
        ("accuracy", accuracy(evaluation)),
        ("mean F1", f"{score(evaluation['macro_f1'])} over the classes"),
        ("calibration", f"{score(evaluation['calibration_error'])} expected error of confidence"),
    ]
    if data["by_number"]:
        figures.append(("note", "the data names no classes: its label 0 is the model's first"))
    return figures


def _which(data: Facts) -> str:
    if data["stored"]:
        return "the run's test split, by the predictions stored when it was read"
    return "its test split" if data["split"] == "test" else "all images: it has no test split"


def _classes(classes: Sequence[Facts]) -> Table:
    table = _table("class", "images", "precision", "recall", "F1", text={"class"})
    for each in classes:
        shares = (score(each[key]) for key in ("precision", "recall", "f1"))
        table.add_row(Text(one_line(each["name"])), f"{each['count']:,}", *shares)
    return table


def _confusion(evaluation: Facts) -> list[RenderableType]:
    """Return the matrix; of many classes, what was taken for what most often."""
    names = [one_line(each["name"]) for each in evaluation["classes"]]
    matrix = evaluation["confusion"]
    if len(names) > MATRIX_CLASSES:
        return _frequent(matrix, names)
    numbers = [str(number) for number in range(len(names))]
    table = _table("is", *numbers, text={"is"})
    for number, (name, row) in enumerate(zip(names, matrix, strict=True)):
        cells = (Text(_cell(count), "bold" if at == number else "") for at, count in enumerate(row))
        table.add_row(Text(f"{number} {name}"), *cells)
    return ["Confusion: a row for what images show, a column for what was predicted", table]


def _cell(count: int) -> str:
    return f"{count:,}" if count else "."


def _frequent(matrix: Sequence[Sequence[int]], names: Sequence[str]) -> list[RenderableType]:
    pairs = [
        (count, is_, predicted)
        for is_, row in enumerate(matrix)
        for predicted, count in enumerate(row)
        if count and is_ != predicted
    ]
    if not pairs:
        return []
    table = _table("is", "predicted", "images", text={"is", "predicted"})
    for count, is_, predicted in sorted(pairs, key=lambda pair: -pair[0])[:CONFUSIONS]:
        table.add_row(Text(names[is_]), Text(names[predicted]), f"{count:,}")
    return [f"Most frequent confusions of {len(names)} classes (--json has the matrix)", table]


def _mistakes(mistakes: Sequence[Facts]) -> list[RenderableType]:
    if not mistakes:
        return ["", "No mistakes"]
    table = _table("image", "is", "predicted", "confidence", text={"image", "is", "predicted"})
    for each in mistakes:
        image = f"{each['index']}" if each["image"] is None else one_line(each["image"])
        names = (Text(one_line(each[key])) for key in ("label", "predicted"))
        table.add_row(Text(image), *names, score(each["confidence"]))
    by = "by number in the data, from 0" if mistakes[0]["image"] is None else "by file"
    return ["", f"Most confident mistakes, {by}", table]


def _table(*columns: str, text: set[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in columns:
        table.add_column(name, justify="left" if name in text else "right", overflow="fold")
    return table
