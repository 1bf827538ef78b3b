"""The plots of `cnnsearch compare --html`: a colour a run, told by the page beside each plot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cnnsearch.screen.pages.axes import SCORE, cost_axis, timed_row, unit_of_time
from cnnsearch.screen.pages.plots import Channel, Plot, Spec, colour, layer, layered, tip
from cnnsearch.screen.wording import heading

RUN_COLOURS = 8  # `--run-0` and on in page.css; of more runs, two share one
ACCURACIES = ("test", "validation")
WINNER_SIZE = 150  # square pixels
Comparison = Mapping[str, Any]
Courses = Sequence[Mapping[str, Any]]


def comparison_plots(found: Comparison, courses: Courses) -> Iterator[Plot]:
    """Yield the plots for which there is something to show.

    Searches for different scores are not laid over each other.
    """
    names = [run["name"] for run in found["runs"]]
    accuracies = _accuracies(found["runs"])
    if accuracies:
        yield _accuracy_plot(accuracies, len(names))
    if same_score(courses):
        for fronts in zip(*(course["fronts"] for course in courses), strict=True):
            if any(len(front["points"]) > 1 for front in fronts):
                yield _fronts_plot(names, courses, fronts)
        if any(course["over_time"]["looks"] for course in courses):
            yield _over_time_plot(names, courses)


def same_score(courses: Courses) -> bool:
    """Tell whether all searches were for the same score."""
    return len({course["score"] for course in courses}) == 1


def _accuracies(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"run": run["name"], "of": of, "kind": kind, **_interval(run[kind])}
        for of, run in enumerate(runs)
        for kind in ACCURACIES
        if run[kind]
    ]


def _interval(found: Mapping[str, Any]) -> dict[str, Any]:
    return {key: found[key] for key in ("accuracy", "low", "high", "count")}


def _accuracy_plot(rows: Sequence[Mapping[str, Any]], runs: int) -> Plot:
    y = {
        "field": "run",
        "type": "nominal",
        "title": None,
        "sort": {"field": "of", "op": "min"},
        "axis": {"labelLimit": 110, "labelOverlap": False, "ticks": False, "domain": False},
    }
    x = Channel("accuracy", "accuracy", format=".1%")
    shapes = {"domain": list(ACCURACIES), "range": ["diamond", "circle"]}
    shape = {**colour("kind", ACCURACIES, []), "scale": shapes}
    shape["legend"] |= {"symbolFillColor": "@dim", "symbolStrokeColor": "@dim"}
    place = {"y": y, "yOffset": {"field": "kind", "sort": list(ACCURACIES)}, "color": _by_run(runs)}
    told = tip(
        ("run", "run"),
        ("kind", "on"),
        ("accuracy", "accuracy", ".2%"),
        ("low", "at least", ".2%"),
        ("high", "at most", ".2%"),
        ("count", "images", ","),
    )
    ends = {"x": Channel("low", "accuracy", format=".1%"), "x2": {"field": "high"}}
    spec = layered(
        layer("accuracies", "rule", {**place, **ends, "tooltip": told}, strokeWidth=2),
        layer(
            "accuracies",
            "point",
            {**place, "x": x, "shape": shape, "tooltip": told},
            size=80,
            filled=True,
            opacity=1,
        ),
        height=20 + 44 * runs,
    )
    caption = (
        "Each line is a 95 % interval. The validation images chose the winner, so that figure is "
        "optimistic. Whether two runs differ by more than chance is told below: intervals that "
        "overlap do not settle it."
    )
    return Plot("accuracy", "Accuracy of the winners", caption, spec, {"accuracies": rows})


def _fronts_plot(
    names: Sequence[str], courses: Courses, fronts: Sequence[Mapping[str, Any]]
) -> Plot:
    score, cost = courses[0]["score"], fronts[0]["cost"]
    rows = [
        {**point, "run": name, "of": of, "won": point["trial"] == course["winner"]}
        for of, (name, course, front) in enumerate(zip(names, courses, fronts, strict=True))
        for point in front["points"]
        if point["cost"] > 0
    ]
    x, told_cost = cost_axis(cost)
    place = {"x": x, "y": Channel("value", score, format="~g"), "color": _by_run(len(names))}
    told = tip(("run", "run"), ("trial", "trial"), ("value", score, SCORE), told_cost)
    marks = {**place, "tooltip": told}
    size = {"field": "size", "type": "quantitative", "scale": None, "legend": None}
    sized = {**marks, "size": size}
    spec = layered(
        layer("others", "point", marks, size=28, filled=True, opacity=0.45),
        layer("front", "line", place, interpolate="step-after", strokeWidth=2),
        layer("front", "point", marks, size=45, filled=True, opacity=1),
        layer("winners", "point", sized, shape="diamond", filled=True, opacity=1),
    )
    caption = (
        "A line is the front of a run: nothing in it scored better for as much or less. The "
        "diamond is its winner, faint dots are trials off the front. Scores are each trial's best "
        "in the search."
    )
    by_cost = sorted(rows, key=lambda row: float(row["cost"]))
    data = {
        "others": [row for row in rows if not row["on_front"]],
        "front": [row for row in by_cost if row["on_front"]],
        "winners": _around_each_other([row for row in rows if row["won"]]),
    }
    return Plot(f"front-{cost}", f"Fronts of {score} and {heading(cost)}", caption, spec, data)


def _around_each_other(winners: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the winners with their sizes: one stands out around those drawn over it."""
    places = [(row["cost"], row["value"]) for row in winners]
    return [
        {**row, "size": WINNER_SIZE * (1 + 2 * places[at + 1 :].count(places[at]))}
        for at, row in enumerate(winners)
    ]


def _over_time_plot(names: Sequence[str], courses: Courses) -> Plot:
    times = [course["over_time"] for course in courses]
    unit, seconds = unit_of_time(
        max(look["elapsed_s"] for found in times for look in found["looks"])
    )
    name = courses[0]["score"].removeprefix("val_")
    rows: dict[str, list[dict[str, Any]]] = {"line": [], "best": [], "finished": []}
    for of, (run, found) in enumerate(zip(names, times, strict=True)):
        own = {"run": run, "of": of}
        rows["line"] += [timed_row(look, seconds, **own) for look in _to_its_end(found)]
        rows["best"] += [timed_row(look, seconds, **own) for look in found["best"]]
        if found["finished"]:
            rows["finished"].append(timed_row(found["finished"], seconds, **own))
    place = {
        "x": Channel("time", unit),
        "y": Channel("value", name, format="~g"),
        "color": _by_run(len(names)),
    }
    told = tip(("run", "run"), ("trial", "trial"), ("time", unit, ".2f"), ("value", name, SCORE))
    marks = {**place, "tooltip": told}
    spec = layered(
        layer("line", "line", place, interpolate="step-after", strokeWidth=2),
        layer("best", "point", marks, size=28, filled=True, opacity=1),
        layer("finished", "point", marks, size=80, shape="square", filled=True, opacity=1),
    )
    caption = (
        f"A line is the best validation {name} so far of a run, a dot the look that raised it, the "
        "square its finished winner."
    )
    return Plot("over-time", f"Validation {name} over time", caption, spec, rows)


def _to_its_end(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the best looks so far, the last one once more at the time of the last look."""
    best = list(found["best"])
    if best:
        best.append({**best[-1], "elapsed_s": max(each["elapsed_s"] for each in found["looks"])})
    return best


def _by_run(runs: int) -> Spec:
    """Return a colour a run, by its number: names of users stay out of specifications."""
    colours = [f"@run-{of % RUN_COLOURS}" for of in range(runs)]
    return {
        "field": "of",
        "type": "nominal",
        "scale": {"domain": list(range(runs)), "range": colours},
        "legend": None,
    }
