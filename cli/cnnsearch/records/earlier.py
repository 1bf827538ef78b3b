"""The trials of another run that a run begins with: what a search learns from, and no more."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cnnsearch.records.files import read_json_lines, write_bytes
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.trial import TrialRecord


def write_earlier_trials(folder: RunFolder, trials: Sequence[TrialRecord]) -> None:
    """Copy `trials` into the run's folder, so that it does not need the other run any more."""
    lines = [json.dumps(_facts(trial), separators=(",", ":")) + "\n" for trial in trials]
    write_bytes(folder.earlier, "".join(lines).encode())


def read_earlier_trials(folder: RunFolder) -> list[TrialRecord]:
    """Return the trials that the run began with, numbered below its own; usually there are none."""
    found = list(read_json_lines(folder.earlier))
    return [_record(number - len(found), facts) for number, facts in enumerate(found)]


def _facts(trial: TrialRecord) -> dict[str, Any]:
    return {
        "state": trial.state,
        "settings": dict(trial.settings),
        "parameters": trial.parameters,
        "macs": trial.macs,
        "parent": trial.parent,
        "looks": {str(step): value for step, value in trial.looks.items()},
        "value": trial.value,
        "measured": {name: dict(found) for name, found in trial.measured.items()},
    }


def _record(number: int, facts: dict[str, Any]) -> TrialRecord:
    looks = {int(step): value for step, value in facts["looks"].items()}
    return TrialRecord(**{**facts, "number": number, "looks": looks, "earlier": True})
