"""What every candidate of a small search space scored when it was trained once."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnsearch.space import SearchSpace, Value, load_space

FOLDER = Path(__file__).parent
TABLE_FILE = FOLDER / "table.csv"
RUNGS = (60, 180, 540)  # training steps of the looks
BATCH_SIZE = 16  # of every candidate
LOOKS = tuple(f"looks_{rung}" for rung in RUNGS)
COLUMNS = ("settings", "state", *LOOKS, "parameters", "macs", "seconds")


@dataclass(frozen=True)
class Row:
    """One candidate as it was trained: `seconds` of processor time, building it included."""

    settings: Mapping[str, Value]
    state: str  # complete or diverged
    looks: Mapping[int, float]  # training steps -> validation accuracy
    parameters: int
    macs: int
    seconds: float


def table_space(*overrides: str) -> SearchSpace:
    """Return the search space whose candidates the table holds."""
    return load_space(FOLDER / "space.yaml", overrides)


def key(settings: Mapping[str, Value]) -> str:
    """Return the settings as text, to find a candidate's row by."""
    return json.dumps(dict(settings), sort_keys=True)


def read_table(file: Path = TABLE_FILE) -> dict[str, Row]:
    """Return the rows by their settings."""
    if not file.exists():
        return {}
    with file.open(newline="", encoding="utf-8") as lines:
        return {key(row.settings): row for row in map(_row, csv.DictReader(lines))}


def append_row(row: Row, file: Path = TABLE_FILE) -> None:
    """Write one more row, after the head where the file is new."""
    is_new = not file.exists()
    with file.open("a", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        if is_new:
            writer.writerow(COLUMNS)
        writer.writerow(_cells(row))


def _row(cells: Mapping[str, str]) -> Row:
    looks = {rung: float(cells[f"looks_{rung}"]) for rung in RUNGS if cells[f"looks_{rung}"]}
    return Row(
        settings=json.loads(cells["settings"]),
        state=cells["state"],
        looks=looks,
        parameters=int(cells["parameters"]),
        macs=int(cells["macs"]),
        seconds=float(cells["seconds"]),
    )


def _cells(row: Row) -> Sequence[object]:
    looks = (row.looks.get(rung, "") for rung in RUNGS)
    settings = json.dumps(dict(row.settings))
    return settings, row.state, *looks, row.parameters, row.macs, f"{row.seconds:.2f}"
