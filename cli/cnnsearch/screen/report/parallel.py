"""Parallel coordinates: the settings of all trials and what they scored, a line a trial."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from cnnsearch.screen.pages.axes import SCORE
from cnnsearch.screen.pages.plots import Plot, layer, layered, tip
from cnnsearch.screen.report.search_plots import score_name
from cnnsearch.screen.setting_words import setting_value, short_name

MOST_AXES = 9  # the score not counted
MOST_LINES = 400  # trials; more are a blot
AXIS = {
    "orient": "top",
    "labelAngle": -18,
    "labelAlign": "left",
    "labelLimit": 170,
    "labelOverlap": False,
    "grid": True,
    "ticks": False,
    "domain": False,
}
X = {
    "field": "axis",
    "type": "nominal",
    "sort": {"field": "at", "op": "min"},
    "title": None,
    "scale": {"type": "point", "padding": 0.35},
    "axis": AXIS,
}
Y = {"field": "place", "type": "quantitative", "axis": None, "scale": {"domain": [-0.03, 1.03]}}
Report = Mapping[str, Any]
Place = tuple[float | None, str]  # on an axis, 0 to 1, and its words


def parallel_plot(report: Report) -> Plot | None:
    """Return the settings of all trials that can be compared, a line a trial."""
    step, trials = _comparable(report)
    axes = _axes(report, trials)
    if len(trials) < 3 or not axes:
        return None
    score = score_name(report)
    scores = [trial["looks"][str(step)] for trial in trials]
    places = [
        *((short_name(path), _places([t["settings"].get(path) for t in trials])) for path in axes),
        (f"{score} at step {step:,}", _numeric_places(scores)),
    ]
    lines = _lines(trials, places, scores)
    winner = report["summary"]["winner"]
    caption = (
        f"A line is a trial, the darker (on a dark page the brighter) the better it scored after "
        f"{step:,} steps, which most trials had. "
        + ("" if winner is None else "The thick one is the winner. ")
        + "Where good lines run together, that value is worth keeping."
    )
    rows = {
        "lines": lines,
        "winner": [row for row in lines if winner and row["trial"] == winner["trial"]],
        "labels": [
            {"at": at, "axis": name, "place": place, "value": value}
            for at, (name, position) in enumerate(places)
            for place, value in _axis_labels(position)
        ],
    }
    return Plot("parallel", "What the trials had", caption, _drawing(score), rows, wide=True)


def _lines(
    trials: Sequence[Mapping[str, Any]],
    places: Sequence[tuple[str, Sequence[Place]]],
    scores: Sequence[float],
) -> list[dict[str, Any]]:
    """Return a row for each trial on each axis."""
    return [
        {
            "trial": trial["number"],
            "at": at,
            "axis": name,
            "place": position[index][0],
            "value": position[index][1],
            "score": scores[index],
        }
        for at, (name, position) in enumerate(places)
        for index, trial in enumerate(trials)
    ]


def _drawing(score: str) -> dict[str, Any]:
    """Return how the rows are drawn: all lines, the winner's, and what stands along the axes."""
    place = {"x": X, "y": Y}
    best = layer("winner", "line", place, color="@highlight", strokeWidth=3)
    text = {**place, "text": {"field": "value", "type": "nominal"}}
    options = {"align": "left", "dx": 5, "fontSize": 11}
    return layered(
        _every_line(score),
        best,
        layer("labels", "text", text, stroke="@paper", strokeWidth=4, **options),
        layer("labels", "text", text, color="@ink", **options),
        height=340,
    )


def _every_line(score: str) -> dict[str, Any]:
    over = {"param": "over", "empty": False}
    colour = {
        "field": "score",
        "type": "quantitative",
        "title": score,
        "scale": {"range": "ramp"},
        "legend": {"orient": "bottom", "format": "~g", "padding": 16},
    }
    channels = {
        "x": X,
        "y": Y,
        "detail": {"field": "trial", "type": "nominal"},
        "color": colour,
        "opacity": {"condition": {**over, "value": 1}, "value": 0.55},
        "strokeWidth": {"condition": {**over, "value": 4}, "value": 1.4},
        "tooltip": tip(
            ("trial", "trial"), ("score", score, SCORE), ("axis", "setting"), ("value", "value")
        ),
    }
    select = {"type": "point", "on": "pointerover", "fields": ["trial"], "clear": "pointerout"}
    return {**layer("lines", "line", channels), "params": [{"name": "over", "select": select}]}


def _comparable(report: Report) -> tuple[int, list[Mapping[str, Any]]]:
    """Return the step that most trials were looked at, the latest of equals, and these trials."""
    counts: dict[int, int] = {}
    for trial in report["summary"]["trials"]:
        for step in trial["looks"]:
            counts[int(step)] = counts.get(int(step), 0) + 1
    widest = max(counts, key=lambda step: (counts[step], step), default=0)
    trials = [trial for trial in report["summary"]["trials"] if str(widest) in trial["looks"]]
    return widest, trials[:MOST_LINES]


def _axes(report: Report, trials: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the settings that differ, the most important first, else those of most trials."""
    values: dict[str, set[str]] = {}
    for trial in trials:
        for path, value in trial["settings"].items():
            values.setdefault(path, set()).add(json.dumps(value))
    telling = [path for path, own in values.items() if len(own) > 1]
    found = (report["summary"]["explanation"] or {}).get("importance") or {"settings": []}
    rank = {entry["setting"]: index for index, entry in enumerate(found["settings"])}
    having = {path: -sum(path in trial["settings"] for trial in trials) for path in telling}
    ordered = sorted(telling, key=lambda path: (rank.get(path, len(rank)), having[path]))
    return ordered[:MOST_AXES]


def _places(values: Sequence[Any]) -> list[Place]:
    """Return for each value its place on an axis, 0 to 1, and its words."""
    known = [value for value in values if value is not None]
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in known) and (
        len(set(known)) > 6 and len(known) == len(values)
    ):
        return _numeric_places(known)
    kinds = {json.dumps(value): value for value in values}
    ordered = sorted(kinds, key=lambda text: _order(kinds[text]))
    last = max(1, len(ordered) - 1)
    return [
        (
            ordered.index(json.dumps(value)) / last,
            "not there" if value is None else setting_value(value),
        )
        for value in values
    ]


def _order(value: Any) -> tuple[int, float, str]:
    if value is None:
        return (0, 0.0, "")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (1, float(value), "")
    return (2, 0.0, json.dumps(value))


def _numeric_places(values: Sequence[float]) -> list[Place]:
    low, high = min(values), max(values)
    if low == high:
        return [(0.5, f"{value:.4g}") for value in values]
    is_log = low > 0 and high / low > 20
    even = math.log if is_log else float
    return [
        ((even(value) - even(low)) / (even(high) - even(low)), f"{value:.3g}") for value in values
    ]


def _axis_labels(position: Sequence[Place]) -> list[tuple[float, str]]:
    """Return the values told along an axis: all where they are few, else its two ends."""
    known = sorted({(place, words) for place, words in position if place is not None})
    return known if len(known) <= 7 else [known[0], known[-1]]
