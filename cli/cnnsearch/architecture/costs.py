"""Everything that a network costs, in total and row by row, as plain values ready for JSON."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from cnnsearch.architecture import memory
from cnnsearch.architecture.graph import IMAGE
from cnnsearch.architecture.receptive_field import (
    receptive_field,
    receptive_fields,
    rows_that_see_nothing_new,
    seen_image,
)

if TYPE_CHECKING:
    from cnnsearch.architecture.graph import Architecture
    from cnnsearch.architecture.receptive_field import ReceptiveField
    from cnnsearch.space import TrainingSettings

JSON_VERSION = 1


def costs(architecture: Architecture, training: TrainingSettings | None = None) -> dict[str, Any]:
    """Return the costs for one image; with `training`, the memory of a training step too.

    Bytes are those of 32-bit numbers. A row's `kept_bytes` are what training keeps of it. `parts`
    adds up the rows of the stem, of each stage and of the head.
    """
    rows = _rows(architecture)
    return {
        "version": JSON_VERSION,
        "input_shape": list(architecture.input_shape),
        "image": list(seen_image(architecture)),
        "classes": architecture.classes,
        **_totals(architecture),
        "training": _training(architecture, training) if training else None,
        "parts": _parts(rows),
        "rows": rows,
    }


def _totals(architecture: Architecture) -> dict[str, Any]:
    peak, at = memory.activation_peak(architecture)
    return {
        "parameters": architecture.parameters,
        "trainable_parameters": architecture.trainable_parameters,
        "non_trainable_parameters": architecture.non_trainable_parameters,
        "macs": architecture.macs,
        "flops": 2 * architecture.macs,
        "layers": architecture.depth,
        "receptive_field": _field(receptive_field(architecture)),
        "download_size_bytes": memory.download_size(architecture),
        "activation_memory_bytes": peak,
        "activation_memory_peaks_at": "image" if at == IMAGE else architecture.rows[at].name,
        "kept_memory_bytes": memory.kept_memory(architecture),
    }


def _training(architecture: Architecture, training: TrainingSettings) -> dict[str, Any]:
    return {
        "batch_size": training.batch_size,
        "optimizer": training.optimizer,
        "memory_bytes": memory.training_memory(architecture, training),
    }


def _rows(architecture: Architecture) -> list[dict[str, Any]]:
    kept = memory.kept_bytes(architecture)
    fields = receptive_fields(architecture)
    see_nothing_new = rows_that_see_nothing_new(architecture)
    return [
        {
            **row.to_json(),
            "inputs": ["image" if at == IMAGE else architecture.rows[at].name for at in row.inputs],
            "flops": 2 * row.macs,
            "output_bytes": memory.BYTES * prod(row.output_shape),
            "kept_bytes": kept.get(index, 0),
            "receptive_field": _field(fields[index]),
            "sees_nothing_new": index in see_nothing_new,
        }
        for index, row in enumerate(architecture.rows)
    ]


def _parts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    parts: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        parts.setdefault(row["name"].partition(".")[0], []).append(row)
    return [{"name": name, **_sums(own)} for name, own in parts.items()]


def _sums(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the costs of some rows together, and what comes out of the last."""
    summed = ("trainable_parameters", "non_trainable_parameters", "macs", "flops", "kept_bytes")
    last = rows[-1]
    return {
        "rows": len(rows),
        "output_shape": last["output_shape"],
        **{name: sum(row[name] for row in rows) for name in summed},
        "receptive_field": last["receptive_field"],
        "rows_that_see_nothing_new": sum(row["sees_nothing_new"] for row in rows),
    }


def _field(field: ReceptiveField | None) -> dict[str, Any] | None:
    if field is None:
        return None
    return {"size": field.size, "jump": field.jump, "centre": list(field.centre)}
