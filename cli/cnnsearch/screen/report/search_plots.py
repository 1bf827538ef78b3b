"""Plots of the search: the score over time and against costs, and which settings mattered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cnnsearch.screen.pages.axes import SCORE, cost_axis, is_counted, timed_row, unit_of_time
from cnnsearch.screen.pages.plots import Channel, Plot, Spec, colour, layer, layered, tip
from cnnsearch.screen.setting_words import setting_value, short_name
from cnnsearch.screen.wording import heading

SETTING_AXIS = {"labelLimit": 150, "labelOverlap": False}
UNLIKELY = 0.05  # what chance alone would do less often
Report = Mapping[str, Any]


def search_plots(report: Report) -> Iterator[Plot]:
    """Yield the plots for which there is something to show."""
    if report["over_time"]["looks"]:
        yield _over_time(report)
    for front in report["fronts"]:
        if len(front["points"]) > 1:
            yield _front(report, front)
    if (summary := report["summary"])["front"] and len(summary["front"]["hypervolume"]) > 1:
        yield _hypervolume(summary["front"]["hypervolume"])


def score_name(report: Report) -> str:
    """Return the name of what the search was after."""
    return str(next(iter(report["summary"]["run"]["objectives"])))


def shown_kind(report: Report) -> str:
    """Return what the trial that is shown is."""
    return "winner" if report["summary"]["winner"] else "best so far"


def _over_time(report: Report) -> Plot:
    found, name = report["over_time"], score_name(report).removeprefix("val_")
    unit, seconds = unit_of_time(max(look["elapsed_s"] for look in found["looks"]))
    rows = {
        "looks": [timed_row(look, seconds, kind="a look at a trial") for look in found["looks"]],
        "best": [timed_row(look, seconds, kind="best so far") for look in found["best"]],
        "marks": _finished(report, seconds),
        "tested": _tested(found["tested"], seconds) if name == "accuracy" else [],
    }
    if rows["best"]:
        latest = max(row["time"] for row in rows["looks"])
        rows["best"].append({**rows["best"][-1], "time": latest})
    colours = {"looks": "@muted", "best": "@accent", "marks": "@highlight", "tested": "@ink"}
    drawn = [data for data in colours if rows[data]]
    kinds = [rows[data][0]["kind"] for data in drawn]
    by = colour("kind", kinds, [colours[data] for data in drawn])
    caption = (
        f"Each dot is the validation {name} of a network in training. Where the line goes on "
        "rising to its end, more time is likely to find more."
    )
    spec = _time_layers(unit, name, by)
    return Plot("over-time", f"{name.capitalize()} over time", caption, spec, rows)


def _finished(report: Report, seconds: float) -> list[dict[str, Any]]:
    """Return the row of the finished winner, if there is one."""
    finished, winner = report["over_time"]["finished"], report["summary"]["winner"]
    kind = "winner, annealed" if winner and winner["annealed_steps"] else "winner"
    return [timed_row(finished, seconds, kind=kind)] if finished else []


def _tested(tested: Mapping[str, Any] | None, seconds: float) -> list[dict[str, Any]]:
    """Return the row of the test, if there was one."""
    if not tested:
        return []
    row = {**tested, "time": tested["elapsed_s"] / seconds, "kind": "test, with 95 % interval"}
    return [row | {"value": row.pop("accuracy")}]


def _time_layers(unit: str, name: str, by: Spec) -> Spec:
    place = {"x": Channel("time", unit), "y": Channel("value", name, format="~g"), "color": by}
    interval = {**place, "y": Channel("low", name), "y2": {"field": "high"}}
    what, trial, *figures = tip(
        ("kind", "what"), ("trial", "trial"), ("time", unit, ".2f"), ("value", name, SCORE)
    )
    marks = {**place, "tooltip": [what, trial, *figures]}
    test = {**place, "tooltip": [what, *figures]}
    return layered(
        layer("looks", "point", marks, size=28, filled=True),
        layer("best", "line", place, interpolate="step-after"),
        layer("tested", "rule", interval, strokeWidth=2),
        layer("tested", "point", test, size=80, shape="diamond", filled=True),
        layer("marks", "point", marks, size=80, shape="square", filled=True),
    )


def _front(report: Report, front: Mapping[str, Any]) -> Plot:
    score, cost = score_name(report), heading(front["cost"])
    kinds = ["dominated", "on the front", shown_kind(report)]
    rows = [
        {**point, "kind": kinds[point["on_front"]]}
        for point in front["points"]
        if point["cost"] > 0
    ]
    shown = [row for row in rows if row["trial"] == report["shown_trial"]]
    data = {
        "front": sorted((row for row in rows if row["on_front"]), key=lambda row: row["cost"]),
        "points": sorted(rows, key=lambda row: row["on_front"]),  # drawn in this order
        "shown": [{**row, "kind": kinds[2]} for row in shown],
        "centre": shown,
    }
    spec = _front_layers(score, front["cost"], kinds)
    caption = _front_caption(front["cost"])
    return Plot(f"front-{front['cost']}", f"Front of {score} and {cost}", caption, spec, data)


def _front_layers(score: str, cost: str, kinds: Sequence[str]) -> Spec:
    """Return the layers, the shown trial's last: a diamond with a hole for what it is besides."""
    x, told_cost = cost_axis(cost)
    place = {"x": x, "y": Channel("value", score, format="~g")}
    by = colour("kind", kinds, ["@muted", "@accent", "@highlight"])
    points = {
        **place,
        "color": by,
        "shape": {**by, "scale": {"domain": kinds, "range": ["circle", "circle", "diamond"]}},
        "tooltip": tip(
            ("trial", "trial"), ("kind", "which is"), ("value", score, SCORE), told_cost
        ),
    }
    line = {"interpolate": "step-after", "color": "@accent", "strokeWidth": 1.5}
    return layered(
        layer("front", "line", place, **line),
        layer("points", "point", points, size=60, filled=True, opacity=0.9),
        layer("shown", "point", points, size=260, filled=True, opacity=1),
        layer("centre", "point", points, size=45, filled=True, opacity=1),
    )


def _front_caption(cost: str) -> str:
    if is_counted(cost):
        return (
            f"A network on the line is the best found with that many {heading(cost)} or fewer. "
            "Scores are each trial's best in the search; those stopped early had fewer steps."
        )
    return (
        "A network on the line is the best found that is as quick or quicker. "
        "Scores are each trial's best in the search."
    )


def _hypervolume(growth: Sequence[Mapping[str, Any]]) -> Plot:
    timed = [row for row in growth if row["elapsed_s"] is not None]
    unit, seconds = unit_of_time(max((row["elapsed_s"] for row in timed), default=0.0))
    rows = [
        {"time": row["elapsed_s"] / seconds, "volume": row["hypervolume"], "trial": row["trial"]}
        for row in timed
    ]
    told = tip(("trial", "raised by trial"), ("volume", "hypervolume", ".3f"))
    spec = layered(
        layer(
            "growth",
            "line",
            {"x": Channel("time", unit), "y": Channel("volume", "hypervolume"), "tooltip": told},
            interpolate="step-after",
            point=True,
            color="@accent",
        ),
        height=220,
    )
    caption = (
        "The share of all that seems possible (between the best and the worst values seen) that "
        "the front dominates: flat at the end, the front has settled."
    )
    return Plot("hypervolume", "How the front has grown", caption, spec, {"growth": rows})


def importance_plot(report: Report) -> Plot | None:
    """Return each setting's share in what set the best trials apart, where that is known."""
    found = report["summary"]["explanation"]["importance"]
    if not found:
        return None
    settings = found["settings"][:12]
    kinds = ["beyond chance", "may be chance"]
    rows = [
        {
            "setting": short_name(entry["setting"]),
            "share": entry["share"],
            "kind": kinds[entry["chance"] >= UNLIKELY],
            "usual": "none" if entry["usual"] is None else setting_value(entry["usual"]),
            "chance": entry["chance"],
        }
        for entry in settings
    ]
    encoding = {
        "y": Channel("setting", None, "nominal", options={"sort": None, "axis": SETTING_AXIS}),
        "x": Channel(
            "share",
            "share of what set the best apart",
            options={"axis": {"format": ".0%", "tickCount": 6}, "scale": {"zero": True}},
        ),
        "color": colour("kind", kinds, ["@accent", "@muted"]),
        "tooltip": tip(
            ("setting", "setting"),
            ("share", "share", ".0%"),
            ("usual", "best had"),
            ("chance", "likely by chance", ".2g"),
        ),
    }
    spec = layered(layer("settings", "bar", encoding), height=26 * len(rows) + 10)
    caption = (
        f"How differently each setting is spread among the best {found['best_trials']:,} and among "
        f"all {found['trials']:,} trials that were looked at after {found['step']:,} steps "
        "(PED-ANOVA). Grey bars are no more than chance may do."
    )
    return Plot("importance", "Which settings mattered", caption, spec, {"settings": rows})
