"""Plots of the networks: how they learned, what the winner sees of an image, where it is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cnnsearch.screen.layer_words import row_words
from cnnsearch.screen.pages.axes import SCORE, step_axis, step_note
from cnnsearch.screen.pages.plots import Channel, Plot, Spec, colour, layer, layered, tip
from cnnsearch.screen.report.search_plots import score_name, shown_kind

MOST_CURVES = 300  # trials; the best of them
MOST_CLASSES = 40  # of a confusion matrix; of more, only the most confused pairs are told
MOST_NUMBERS = 12  # classes up to which each field of the matrix has its number
SEEING = ("sees more than before", "sees nothing new")
Report = Mapping[str, Any]


def learning_curves(report: Report) -> Plot | None:
    """Return the validation score of every trial over its steps."""
    maximize = next(iter(report["summary"]["run"]["objectives"].values())) == "max"
    scored = [trial for trial in report["summary"]["trials"] if trial["looks"]]
    if not scored or max(len(trial["looks"]) for trial in scored) < 2:
        return None
    ranked = sorted(scored, key=lambda trial: trial["value"], reverse=maximize)[:MOST_CURVES]
    shown = [trial for trial in ranked if trial["number"] == report["shown_trial"]]
    beaten = [trial for trial in ranked if trial["number"] != report["shown_trial"]]
    kinds = {"others": "others", "next": "next best four", "best": shown_kind(report)}
    trials = {"others": beaten[4:], "next": beaten[:4], "best": shown}
    data = {name: _looks(trials[name], kind) for name, kind in kinds.items()}
    caption = (
        "Dots are looks at the validation images. A curve that ends early was stopped there: "
        "others were ahead of it after as many steps, or too little time was left to overtake the "
        f"best. {step_note(report['step_images'])}".rstrip()
    )
    spec = _curve_layers(report, list(kinds.values()))
    return Plot("curves", "Learning curves", caption, spec, data)


def _looks(trials: Sequence[Mapping[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [
        {"trial": trial["number"], "step": int(step), "value": value, "kind": kind}
        for trial in trials
        for step, value in trial["looks"].items()
    ]


def _curve_layers(report: Report, kinds: Sequence[str]) -> Spec:
    """Return the layers, the best last and thickest."""
    score = score_name(report)
    encoding = {
        "x": step_axis(report["step_images"]),
        "y": Channel("value", score, format="~g"),
        "detail": {"field": "trial", "type": "nominal"},
        "color": colour("kind", kinds[::-1], ["@highlight", "@accent", "@muted"]),
        "tooltip": tip(("trial", "trial"), ("step", "step", ","), ("value", score, SCORE)),
    }
    return layered(
        *(
            layer(name, "line", encoding, point={"size": 22}, strokeWidth=width)
            for name, width in {"others": 1.0, "next": 1.8, "best": 3.0}.items()
        )
    )


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
    rows = [
        {
            "index": index,
            "name": row["name"],
            "layer": row_words(row),
            "size": row["receptive_field"]["size"],
            "kind": SEEING[bool(row["sees_nothing_new"])],
        }
        for index, row in _main_path(network["rows"])
    ]
    if len(rows) < 2:
        return None
    image = [{"side": side, "words": f"the image: {side} pixels"}]
    data = {"rows": rows, "image": image}
    return Plot("receptive-field", "How far it sees", _seen(rows, side), _seeing_layers(), data)


def _seeing_layers() -> Spec:
    """Return the layers: a line with a point a row, and how large the image is."""
    x = Channel("index", "layer, from the image on", options={"axis": {"tickMinStep": 1}})
    y = Channel("size", "pixels a side", options={"scale": {"zero": True}})
    points = {
        "x": x,
        "y": y,
        "color": colour("kind", SEEING, ["@accent", "@muted"]),
        "tooltip": tip(
            ("name", "row"), ("layer", "layer"), ("size", "sees", ","), ("kind", "which")
        ),
    }
    edge = {"y": {"field": "side", "type": "quantitative"}}
    words = {**edge, "text": {"field": "words"}, "x": {"value": 6}}
    return layered(
        layer("rows", "line", {"x": x, "y": y}, interpolate="step-after", color="@accent"),
        layer("rows", "point", points, size=45, filled=True, opacity=1),
        layer("image", "rule", edge, color="@highlight", strokeDash=[6, 4], strokeWidth=1.5),
        layer("image", "text", words, align="left", dy=-7, color="@highlight"),
        height=240,
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
    idle = sum(row["kind"] == SEEING[1] for row in rows)
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
    caption = (
        "A line is a class, a column what its test images were taken for. All on the diagonal "
        "would be perfect; a strong field beside it is a pair of classes that are mistaken."
    )
    rows = _fields(found["confusion"], labels)
    spec = _matrix_layers(len(labels))
    wide = len(labels) > MOST_NUMBERS
    return Plot("confusion", "What is taken for what", caption, spec, {"fields": rows}, wide=wide)


def _fields(matrix: Sequence[Sequence[int]], labels: Sequence[str]) -> list[dict[str, Any]]:
    """Return a row for each field; of equal labels each next one is told once more."""
    names = [
        f"{label} " * labels[:index].count(label) + label for index, label in enumerate(labels)
    ]
    return [
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


def _matrix_layers(classes: int) -> Spec:
    """Return the layers: a coloured field for each two classes, numbered where they are few."""
    place = {
        "x": _class_axis("predicted", "predicted", classes, labelAngle=-45),
        "y": _class_axis("true", "is", classes, labelAngle=0),
    }
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
    layers = [layer("fields", "rect", {**place, "color": share, "tooltip": told})]
    if classes <= MOST_NUMBERS:
        layers.append(layer("fields", "text", {**place, **_NUMBER}, fontSize=11, tooltip=None))
    return layered(*layers, height=max(180, min(34, 760 // classes) * classes))


_NUMBER = {
    "text": {
        "condition": {"test": "datum.count > 0", "field": "count", "type": "quantitative"},
        "value": "",
    },
    "color": {"condition": {"test": "datum.dark", "value": "@on-dark"}, "value": "@ink"},
}


def _class_axis(field: str, title: str, classes: int, **looks: Any) -> Spec:
    """Return an axis of classes, in the order that they have."""
    axis = {
        "labelLimit": 95,
        "labelOverlap": classes > MOST_NUMBERS,
        "domain": False,
        "ticks": False,
        "grid": False,
        **looks,
    }
    sort = {"field": f"{field}_at", "op": "min"}
    return {"field": field, "type": "nominal", "title": title, "axis": axis, "sort": sort}
