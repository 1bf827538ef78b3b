"""Plots of the networks: how they learned, what the winner sees of an image, where it is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cnnsearch.screen.layer_words import row_words
from cnnsearch.screen.report.axes import SCORE, step_axis, step_note
from cnnsearch.screen.report.plots import Channel, Plot, colour, layer, layered, tip
from cnnsearch.screen.report.search_plots import score_name, shown_kind

MOST_CURVES = 300  # trials; the best of them
MOST_CLASSES = 40  # of a confusion matrix; of more, only the most confused pairs are told
MOST_NUMBERS = 12  # classes up to which each field of the matrix has its number
Report = Mapping[str, Any]


def learning_curves(report: Report) -> Plot | None:
    """Return the validation score of every trial over its steps."""
    score, shown = score_name(report), report["shown_trial"]
    maximize = next(iter(report["summary"]["run"]["objectives"].values())) == "max"
    scored = [trial for trial in report["summary"]["trials"] if trial["looks"]]
    if not scored or max(len(trial["looks"]) for trial in scored) < 2:
        return None
    ranked = sorted(scored, key=lambda trial: trial["value"], reverse=maximize)[:MOST_CURVES]
    next_best = [trial["number"] for trial in ranked if trial["number"] != shown][:4]
    kinds = [shown_kind(report), "next best four", "others"]
    rows = [
        {
            "trial": trial["number"],
            "step": int(step),
            "value": value,
            "kind": kinds[0]
            if trial["number"] == shown
            else kinds[1 if trial["number"] in next_best else 2],
        }
        for trial in ranked
        for step, value in trial["looks"].items()
    ]
    x = step_axis(report["step_images"])
    y = Channel("value", score, format="~g")
    encoding = {
        "x": x,
        "y": y,
        "detail": {"field": "trial", "type": "nominal"},
        "color": colour("kind", kinds, ["@highlight", "@accent", "@muted"]),
        "tooltip": tip(("trial", "trial"), ("step", "step", ","), ("value", score, SCORE)),
    }
    widths = {"others": 1.0, "next": 1.8, "best": 3.0}
    spec = layered(
        *(
            layer(name, "line", encoding, point={"size": 22}, strokeWidth=width)
            for name, width in widths.items()
        )
    )
    caption = (
        "Dots are looks at the validation images. A curve that ends early was stopped there: "
        f"others were ahead of it after as many steps. {step_note(report['step_images'])}".rstrip()
    )
    data = {
        name: [row for row in rows if row["kind"] == kind]
        for name, kind in zip(widths, reversed(kinds), strict=True)
    }
    return Plot("curves", "Learning curves", caption, spec, data)


def training_plot(report: Report) -> Plot | None:
    """Return how the winner did on training and on validation images."""
    history = report["history"]
    name = "loss" if score_name(report) == "val_loss" else "accuracy"
    kinds = ["training images", "validation images"]
    rows = [
        {"step": row["step"], "value": row[column], "kind": kind}
        for kind, column in zip(kinds, (f"train_{name}", f"val_{name}"), strict=True)
        for row in history
        if column in row
    ]
    if len(rows) < 3:
        return None
    by = colour("kind", kinds, ["@muted", "@highlight"])
    encoding = {
        "x": step_axis(report["step_images"]),
        "y": Channel("value", name, format="~g"),
        "color": by,
        "strokeDash": {**by, "scale": {"domain": kinds, "range": [[5, 4], [1, 0]]}},
        "tooltip": tip(("kind", "on"), ("step", "step", ","), ("value", name, SCORE)),
    }
    spec = layered(
        layer("history", "line", encoding, point={"size": 40}, strokeWidth=2), height=240
    )
    caption = (
        "Training images are varied and seen by the network as it was, validation images by the "
        "average of its weights, which is why they may lie higher. Where the training line runs "
        "far above the other, the network has learned images by heart."
    )
    title = f"Training of trial {report['shown_trial']}"
    return Plot("training", title, caption, spec, {"history": rows})


def receptive_field_plot(report: Report) -> Plot | None:
    """Return how much of the image a pixel sees, layer by layer."""
    network = report["network"]
    if not network:
        return None
    side = max(network["image"])
    kinds = ["sees more than before", "sees nothing new"]
    rows = [
        {
            "index": index,
            "name": row["name"],
            "layer": row_words(row),
            "size": row["receptive_field"]["size"],
            "kind": kinds[bool(row["sees_nothing_new"])],
        }
        for index, row in _main_path(network["rows"])
    ]
    if len(rows) < 2:
        return None
    x = Channel("index", "layer, from the image on", options={"axis": {"tickMinStep": 1}})
    y = Channel("size", "pixels a side", options={"scale": {"zero": True}})
    told = tip(("name", "row"), ("layer", "layer"), ("size", "sees", ","), ("kind", "which"))
    points = {
        "x": x,
        "y": y,
        "color": colour("kind", kinds, ["@accent", "@muted"]),
        "tooltip": told,
    }
    edge = {"y": {"field": "side", "type": "quantitative"}}
    spec = layered(
        layer("rows", "line", {"x": x, "y": y}, interpolate="step-after", color="@accent"),
        layer("rows", "point", points, size=45, filled=True, opacity=1),
        layer("image", "rule", edge, color="@highlight", strokeDash=[6, 4], strokeWidth=1.5),
        layer(
            "image",
            "text",
            {**edge, "text": {"field": "words"}, "x": {"value": 6}},
            align="left",
            dy=-7,
            color="@highlight",
        ),
        height=240,
    )
    image = [{"side": side, "words": f"the image: {side} pixels"}]
    return Plot(
        "receptive-field",
        "How far it sees",
        _seen(rows, side),
        spec,
        {"rows": rows, "image": image},
    )


def _main_path(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the rows that see as much as those before them, with their numbers: no shortcuts."""
    most = 0
    for index, row in enumerate(rows, 1):
        if row["receptive_field"] and row["receptive_field"]["size"] >= most:
            most = row["receptive_field"]["size"]
            yield index, row


def _seen(rows: list[dict[str, Any]], side: int) -> str:
    whole = next((row["name"] for row in rows if row["size"] >= side), None)
    idle = sum(row["kind"] == "sees nothing new" for row in rows)
    if whole is None:
        return (
            f"A pixel of the last map sees {rows[-1]['size']:,} of {side:,} pixels a side: shapes "
            "larger than that are put together by the head alone."
        )
    words = f"From {whole} on a pixel of the map sees as much as the whole image."
    if idle:
        words += (
            f" {idle:,} later layer{'s' if idle > 1 else ''} with a window look no further: such "
            "layers hardly add to the accuracy (Richter et al. 2021, arXiv:2106.12307)."
        )
    return words


def confusion_plot(report: Report) -> Plot | None:
    """Return what was taken for what on the test split; None where the classes are too many."""
    found, labels = report["evaluation"], report["labels"]
    if not found or len(labels) > MOST_CLASSES:
        return None
    matrix = found["confusion"]
    names = [
        f"{label} " * labels[:index].count(label) + label for index, label in enumerate(labels)
    ]
    rows = [
        {
            "true_at": true,
            "predicted_at": predicted,
            "true": names[true],
            "predicted": names[predicted],
            "count": count,
            "share": count / max(1, sum(row)),
            "dark": count > 0.4 * sum(row),
        }
        for true, row in enumerate(matrix)
        for predicted, count in enumerate(row)
    ]
    axis = {
        "labelLimit": 95,
        "labelAngle": -45,
        "labelOverlap": len(labels) > MOST_NUMBERS,
        "domain": False,
        "ticks": False,
        "grid": False,
    }
    x = {"field": "predicted", "type": "nominal", "title": "predicted", "axis": axis}
    x["sort"] = {"field": "predicted_at", "op": "min"}
    y = {"field": "true", "type": "nominal", "title": "is", "axis": {**axis, "labelAngle": 0}}
    y["sort"] = {"field": "true_at", "op": "min"}
    share = {
        "field": "share",
        "type": "quantitative",
        "title": "share of the class",
        "scale": {"type": "sqrt", "domain": [0, 1], "range": "heatmap"},
        "legend": None,
    }
    told = tip(
        ("true", "is"),
        ("predicted", "predicted"),
        ("count", "images", ","),
        ("share", "of the class", ".1%"),
    )
    layers = [layer("fields", "rect", {"x": x, "y": y, "color": share, "tooltip": told})]
    if len(labels) <= MOST_NUMBERS:
        text = {
            "x": x,
            "y": y,
            "text": {
                "condition": {"test": "datum.count > 0", "field": "count", "type": "quantitative"},
                "value": "",
            },
            "color": {"condition": {"test": "datum.dark", "value": "@on-dark"}, "value": "@ink"},
        }
        layers.append(layer("fields", "text", text, fontSize=11, tooltip=None))
    spec = layered(*layers, height=max(180, min(34, 760 // len(labels)) * len(labels)))
    caption = (
        "A line is a class, a column what its test images were taken for. All on the diagonal "
        "would be perfect; a strong field beside it is a pair of classes that are mistaken."
    )
    wide = len(labels) > MOST_NUMBERS
    return Plot("confusion", "What is taken for what", caption, spec, {"fields": rows}, wide=wide)
