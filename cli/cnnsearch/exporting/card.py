"""The model card (Mitchell et al. 2019, arXiv:1810.03993) that lies beside an exported network."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import floor
from typing import Any

from cnnsearch.records.tally import left, tally
from cnnsearch.records.trained_on import trained_on
from cnnsearch.space.quantities import format_duration, format_moment, plural

Facts = Mapping[str, Any]
UNKNOWN = "not known"


def model_card(
    facts: Facts, models: Sequence[Facts], *, shape: Sequence[int], classes: Sequence[str]
) -> str:
    """Return the card as Markdown.

    Args:
        facts: `run`, `trial` and `is_winner`; the run's `summary`; `data` as `Dataset.facts` has
            it; the network's costs as `network`; its `validation` and `test` accuracies with their
            intervals, null where they were not measured. What is missing is left out.
        models: The manifest's rows of the model files.
        shape: Of one image: height, width, channels.
        classes: Names of the outputs, in order.
    """
    sections = {
        "What it does": _purpose(shape, classes),
        "How well": _figures(facts),
        "Files": _files(models),
        "The network": _network(facts),
        "The data": _data(facts.get("data") or {}),
        "The search": _search(facts.get("summary") or {}),
        "Limits": _limits(facts),
    }
    run = facts.get("run")
    title = f"# {_plain(run) if run else 'A network'}, trial {facts.get('trial', UNKNOWN)}"
    parts = [f"## {heading}\n{body}" for heading, body in sections.items() if body]
    return "\n\n".join([title, *parts]) + "\n"


def _purpose(shape: Sequence[int], classes: Sequence[str]) -> str:
    named = ", ".join(_code(name) for name in classes[:20])
    more = f" and {len(classes) - 20} more" if len(classes) > 20 else ""
    kind = "grey" if shape[-1] == 1 else "RGB"
    return (
        f"It sorts {kind} images of {shape[0]}x{shape[1]} pixels into {len(classes)} classes: "
        f"{named}{more} (all of them, in the order of the outputs: `labels.txt`).\n"
        "It takes the pixels as they are, uint8 from 0 to 255; normalising is inside."
    )


def _figures(facts: Facts) -> str:
    lines = []
    for split in ("test", "validation"):
        measured = facts.get(split)
        if measured:
            lines.append(
                f"- {split} accuracy **{measured['accuracy']:.4f}**, 95 % interval "
                f"{measured['low']:.4f} to {measured['high']:.4f} (Wilson), "
                f"{plural(measured['count'], 'image')}"
            )
    lines += _later_state(facts)
    if not facts.get("test"):
        lines.append(
            "- Its test score was **not read**: the test split is for the search's winner alone, "
            "and is read once."
        )
    trials = (facts.get("summary") or {}).get("trials") or []
    scored = sum(trial["value"] is not None for trial in trials)
    if facts.get("validation") and scored > 1:
        lines.append(
            f"- {scored:,} candidates were compared by their validation score, which "
            "makes the best one's look better than it is. The test score is not chosen by."
        )
    return "\n".join(lines)


def _later_state(facts: Facts) -> list[str]:
    """Return how the winner came from its score in the search to the validation score above."""
    winner = (facts.get("summary") or {}).get("winner")
    if not facts.get("is_winner") or not winner or winner["value"] == winner["value_in_search"]:
        return []
    later = trained_on(winner["scored_step"], winner["steps"], winner["annealed_steps"])
    words = (
        f"- In the search it was scored {winner['value_in_search']:.4f} at step "
        f"{winner['scored_step']:,}; this is its state at step {winner['steps']:,}"
    )
    return [f"{words}, after {later}." if later else f"{words}."]


def _files(models: Sequence[Facts]) -> str:
    rows = [
        "| file | precision | size | largest difference | equal labels | one image | accuracy |",
        "|---|---|---|---|---|---|---|",
        *(_model(row) for row in models),
    ]
    compared = next((row["compared_images"] for row in models if "compared_images" in row), 0)
    return "\n".join(rows) + (
        "\n\nEach was loaded in a fresh process and compared with the trained network on "
        f"{compared} held-out images: the largest difference of a probability, and the share of "
        "images that got the same label. The time is the median for one image, on the CPU of the "
        "machine that made the export. `manifest.json` has all figures, and every file's SHA-256."
    )


def _model(row: Facts) -> str:
    scored, latency = row.get("scored"), row.get("latency_ms")
    accuracy = f"{scored['accuracy']:.4f} ({scored['split']})" if scored else ""
    cells = (
        f"`{row['path']}`",
        row["precision"],
        f"{row['size_bytes'] / 1e3:,.1f} kB",
        f"{row['largest_difference']:.2g}",
        f"{row['equal_labels']:.2%}",
        f"{latency['median']:.3g} ms" if latency else "",
        accuracy,
    )
    return f"| {' | '.join(cells)} |"


def _network(facts: Facts) -> str:
    network = facts.get("network")
    if not network:
        return ""
    weights = (
        f"{network['parameters']:,} parameters ({network['trainable_parameters']:,} trainable)"
    )
    lines = [
        f"- {weights}, {network['macs']:,} multiply-accumulates for one image",
        f"- {plural(network['layers'], 'layer')} with weights on the longest path",
    ]
    field = network.get("receptive_field")
    if field:
        lines.append(f"- what the last map's pixels see: {plural(field['size'], 'pixel')} a side")
    rows = ["", "| part | output | parameters | MACs |", "|---|---|---|---|"]
    for part in network.get("parts", []):
        count = part["trainable_parameters"] + part["non_trainable_parameters"]
        output = "x".join(map(str, part["output_shape"]))
        rows.append(f"| {part['name']} | {output} | {count:,} | {part['macs']:,} |")
    settings = facts.get("settings") or {}
    listed = ["", "Its settings:", *(f"- `{path}`: {value}" for path, value in settings.items())]
    return "\n".join([*lines, *rows, *(listed if settings else [])])


def _data(data: Facts) -> str:
    if not data:
        return ""
    examples = ", ".join(f"{count:,} {split}" for split, count in data["examples"].items())
    lines = [
        f"- {_code(data['name'])}: {examples} images",
        f"- licence of the data: {_plain(data['licence'])}",
        f"- fingerprint (SHA-256 of the content): `{data['fingerprint']}`",
        *(f"- {_plain(note)}" for note in data["notes"]),
    ]
    return "\n".join(lines)


def _search(summary: Facts) -> str:
    run = summary.get("run")
    if not run:
        return ""
    counts, started = summary["counts"], run["started"]
    begun = format_moment(datetime.fromisoformat(started)) if started else UNKNOWN
    versions = ", ".join(f"{name} {number}" for name, number in run["versions"].items())
    return "\n".join(
        [
            f"- space {_code(run['space'])}, seed {run['seed']}, begun {begun}",
            f"- {tally(left(counts))}",
            f"- {format_duration(floor(run['elapsed_s']))} on {run['device']}",
            f"- {versions}",
        ]
    )


def _limits(facts: Facts) -> str:
    lines = [
        "- It knows only the classes above, and gives one of them to every image.",
        "- Its figures hold for images like those of its data. Measure again for any others.",
        "- It was searched for accuracy over all classes together; a rare class may do worse.",
        "- `serving_bytes` does not turn images by the note of how a camera was held (EXIF).",
        "- The licence of the data applies to what may be done with the network: see above.",
    ]
    if not facts.get("is_winner", True):
        lines.insert(0, "- It is **not the winner** of its search, and was not trained to its end.")
    return "\n".join(lines)


def _plain(text: object) -> str:
    """Return text of which Markdown makes no markup, on one line."""
    return re.sub(r"([\\`*_\[\]<>#|~])", r"\\\1", " ".join(str(text).split()))


def _code(text: object) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return "`" + " ".join(str(text).replace("`", "'").split()) + "`"
