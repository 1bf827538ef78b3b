"""The shell of every page with plots: one file that needs no network, light and dark."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cnnsearch import __version__
from cnnsearch.screen import wording
from cnnsearch.screen.pages.bundle import vega_bundle
from cnnsearch.screen.pages.plots import Plot
from cnnsearch.space.quantities import format_moment


def render(template: str, title: str, plots: Sequence[Plot], **facts: Any) -> str:
    """Return a page made of a template that extends `page.html`, which draws the plots."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("cnnsearch.screen.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_uri"] = data_uri
    environment.filters["percent"] = wording.percent
    return environment.get_template(template).render(
        title=title,
        plots={plot.name: plot for plot in plots},
        specs=[plot.to_json() for plot in plots],
        bundle=vega_bundle(),
        version=__version__,
        made=format_moment(datetime.now(UTC)),
        **facts,
    )


def data_uri(file: Mapping[str, Any]) -> str:
    """Return a picture as an address that holds it."""
    kind = "jpeg" if file["name"].endswith(".jpg") else "png"
    return f"data:image/{kind};base64,{b64encode(file['content']).decode('ascii')}"
