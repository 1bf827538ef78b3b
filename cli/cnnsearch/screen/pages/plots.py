"""The plots of a report as Vega-Lite specifications (vega.github.io/vega-lite), plain data.

Colours are named by their part (`@accent`); the page puts in those of its light or dark theme. The
rows of a plot stand apart from its specification, which holds no text of a user: it might be taken
for a colour, or end in one of the expressions that Vega makes of a specification.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Rows = Sequence[Mapping[str, Any]]
Spec = dict[str, Any]


@dataclass(frozen=True)
class Plot:
    """One plot: what it is called, what to see in it, and how it is drawn."""

    name: str
    title: str
    caption: str
    spec: Spec
    rows: Mapping[str, Rows]  # by the names of the specification's data
    wide: bool = False  # scrolls in its own box where the screen is narrow

    def to_json(self) -> dict[str, Any]:
        """Return what draws it, without layers that have no rows."""
        layers = [layer for layer in self.spec["layer"] if self.rows[layer["data"]["name"]]]
        rows = {name: [*own] for name, own in self.rows.items() if own}
        return {"name": self.name, "spec": {**self.spec, "layer": layers}, "datasets": rows}


@dataclass(frozen=True)
class Channel:
    """An axis or another way of showing a field."""

    name: str  # of the field
    title: str | None = None
    kind: str = "quantitative"
    format: str | None = None
    log: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    def spec(self) -> Spec:
        """Return the channel in Vega-Lite's words."""
        scale = {"type": "log", "nice": False} if self.log else {"zero": False}
        axis: Spec = {"format": self.format} if self.format else {}
        axis |= {"tickCount": 6} if self.log else {}
        found: Spec = {"field": self.name, "type": self.kind, "title": self.title}
        if self.kind == "quantitative":
            found["scale"] = scale
        return found | ({"axis": axis} if axis else {}) | dict(self.options)


def layer(data: str, mark: str, encoding: Mapping[str, Any], **looks: Any) -> Spec:
    """Return one layer: marks over the rows called `data`."""
    return {
        "data": {"name": data},
        "mark": {"type": mark, **looks},
        "encoding": {
            name: channel.spec() if isinstance(channel, Channel) else channel
            for name, channel in encoding.items()
        },
    }


def layered(*layers: Spec, height: int = 300, **more: Any) -> Spec:
    """Return layers over each other, as wide as their place."""
    return {
        "width": "container",
        "height": height,
        "layer": list(layers),
        "autosize": {"type": "fit-x", "contains": "padding"},
        **more,
    }


def tip(*fields: tuple[str, str] | tuple[str, str, str]) -> list[Spec]:
    """Return what is told of a mark that is pointed at: fields, titles and formats of numbers."""
    return [
        {
            "field": name,
            "title": title,
            "type": "quantitative" if formats else "nominal",
            **({"format": formats[0]} if formats else {}),
        }
        for name, title, *formats in fields
    ]


def colour(
    by: str, domain: Sequence[str], colours: Sequence[str], title: str | None = None
) -> Spec:
    """Return a colour a kind, told in a legend above."""
    return {
        "field": by,
        "type": "nominal",
        "title": title,
        "scale": {"domain": list(domain), "range": list(colours)},
        "legend": {
            "orient": "top",
            "direction": "horizontal",
            "columns": 3 if len(domain) < 4 else 2,
        },
    }
