"""From what a report tells to its page."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from cnnsearch import __version__
from cnnsearch.screen import wording
from cnnsearch.screen.diagram import diagram
from cnnsearch.screen.report import tables, words
from cnnsearch.screen.report.bundle import vega_bundle
from cnnsearch.screen.report.network_plots import (
    confusion_plot,
    learning_curves,
    receptive_field_plot,
    training_plot,
)
from cnnsearch.screen.report.parallel import parallel_plot
from cnnsearch.screen.report.plots import Plot
from cnnsearch.screen.report.search_plots import importance_plot, search_plots
from cnnsearch.screen.setting_words import setting_value, short_names

Report = Mapping[str, Any]


def page(report: Report, pictures: Mapping[str, Any] | None = None) -> str:
    """Return the page; without `pictures` it says that they were left out."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("cnnsearch.screen.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_uri"] = data_uri
    environment.filters["percent"] = wording.percent
    template = environment.get_template("report.html")
    drawn = {plot.name: plot for plot in plots(report)}
    return template.render(
        report=report,
        summary=report["summary"],
        missing=report["missing"],
        words=words,
        tables=tables,
        plots=drawn,
        specs=[plot.to_json() for plot in drawn.values()],
        fronts=[plot for plot in drawn.values() if plot.name.startswith("front-")],
        losers=losers(report),
        diagram=None if report["network"] is None else diagram(report["network"]),
        pictures=pictures,
        bundle=vega_bundle(),
        version=__version__,
        made=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
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


def data_uri(file: Mapping[str, Any]) -> str:
    """Return a picture as an address that holds it."""
    kind = "jpeg" if file["name"].endswith(".jpg") else "png"
    return f"data:image/{kind};base64,{b64encode(file['content']).decode('ascii')}"


def losers(report: Report) -> list[dict[str, Any]]:
    """Return the trials most like the winner, with their differences in words."""
    found = (report["summary"]["explanation"] or {}).get("losers")
    if not found:
        return []
    trials = report["summary"]["trials"]
    names = short_names(path for trial in trials for path in trial["settings"])
    return [
        {
            **trial,
            "chance": found["chance"],
            "words": "; ".join(
                f"{names.get(each['setting'], each['setting'])} {_value(each['loser'])}, "
                f"not {_value(each['winner'])}"
                for each in trial["differences"][:5]
            )
            or "the same settings",
        }
        for trial in found["trials"]
    ]


def _value(value: Any) -> str:
    return "none" if value is None else setting_value(value)
