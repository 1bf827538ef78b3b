"""From what a report tells to its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnnsearch.screen.diagram import diagram
from cnnsearch.screen.explanation import beside_winner, differences
from cnnsearch.screen.pages.plots import Plot
from cnnsearch.screen.pages.rendering import render
from cnnsearch.screen.report import tables, words
from cnnsearch.screen.report.network_plots import (
    confusion_plot,
    learning_curves,
    receptive_field_plot,
    training_plot,
)
from cnnsearch.screen.report.parallel import parallel_plot
from cnnsearch.screen.report.search_plots import importance_plot, search_plots

MOST_DIFFERENCES = 5  # told of a loser, in full
Report = Mapping[str, Any]


def page(report: Report, pictures: Mapping[str, Any] | None = None) -> str:
    """Return the page; without `pictures` it says that they were left out."""
    drawn = list(plots(report))
    return render(
        "report.html",
        f"{report['summary']['run']['name']}: report",
        drawn,
        report=report,
        summary=report["summary"],
        missing=report["missing"],
        words=words,
        tables=tables,
        fronts=[plot for plot in drawn if plot.name.startswith("front-")],
        losers=losers(report),
        diagram=None if report["network"] is None else diagram(report["network"]),
        pictures=pictures,
    )


def plots(report: Report) -> Iterator[Plot]:
    """Yield every plot for which there is something to show."""
    yield from search_plots(report)
    found = (
        parallel_plot(report),
        learning_curves(report),
        training_plot(report),
        importance_plot(report),
        receptive_field_plot(report),
        confusion_plot(report),
    )
    yield from (plot for plot in found if plot is not None)


def losers(report: Report) -> list[dict[str, Any]]:
    """Return the trials most like the winner, with their differences in words."""
    found = (report["summary"]["explanation"] or {}).get("losers")
    if not found:
        return []
    return [
        {
            **trial,
            "chance": found["chance"],
            "standing": beside_winner(trial["worse_by"]),
            "words": differences(trial, MOST_DIFFERENCES),
        }
        for trial in found["trials"]
    ]
