"""What `cnnsearch compare --html` writes: one page of plots and tables that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from cnnsearch.screen.comparison_plots import (
    RUN_COLOURS,
    Comparison,
    Courses,
    comparison_plots,
    same_score,
)
from cnnsearch.screen.comparison_words import comparison_sheets, comparison_title
from cnnsearch.screen.pages.cells import Cell, Table
from cnnsearch.screen.pages.rendering import render
from cnnsearch.screen.sheets import Sheet


def comparison_page(found: Comparison, courses: Courses) -> str:
    """Return the page of a comparison and the courses of its runs, in the same order."""
    plots = list(comparison_plots(found, courses))
    return render(
        "comparison.html",
        comparison_title(found),
        plots,
        fronts=[plot for plot in plots if plot.name.startswith("front-")],
        runs=[(run["name"], of % RUN_COLOURS) for of, run in enumerate(found["runs"])],
        warnings=list(_warnings(found, courses)),
        sheets=[(sheet, _table(sheet)) for sheet in comparison_sheets(found)],
    )


def _warnings(found: Comparison, courses: Courses) -> Iterator[str]:
    """Yield why the plots tell less than they seem to."""
    if not all(each["same_data"] for each in found["accuracy"]):
        yield (
            "Not all of these runs are known to have had the same images: what is higher in a plot "
            "need not be better."
        )
    devices = dict.fromkeys(run["device"] or "an unknown device" for run in found["runs"])
    if len(devices) > 1 and all(run["latencies_us"] for run in found["runs"]):
        yield (
            f"Latencies were measured on different devices ({', '.join(devices)}): they are not "
            "plotted."
        )
    if not same_score(courses):
        scores = ", ".join(dict.fromkeys(course["score"] for course in courses))
        yield f"The runs were after different scores ({scores}): their searches are not plotted."
    elif times_missing := [
        run["name"]
        for run, course in zip(found["runs"], courses, strict=True)
        if not course["over_time"]["looks"]
    ]:
        names = ", ".join(times_missing)
        yield f"Without a line over time, for its events are gone: {names}."


def _table(sheet: Sheet) -> Table | None:
    if not sheet.rows:
        return None
    rows = [[Cell(words) for words in row] for row in sheet.rows]
    return Table([(name, False) for name in sheet.header], rows, sortable=False)
