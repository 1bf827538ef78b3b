"""What another run has tried is copied whole, and is told from the run's own trials."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cnnsearch.records.earlier import read_earlier_trials, write_earlier_trials
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.trial import TrialRecord

TRIALS = [
    TrialRecord(0, "pruned", {"width": 8}, 10, 20, looks={60: 0.5, 180: 0.4}, value=0.5),
    TrialRecord(
        3,
        "diverged",
        {"units": [[16], 0.1, None]},
        11,
        21,
        parent=0,
        measured={"latency": {"median_ms": 2.5, "repeats": 60}},
    ),
]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)

    write_earlier_trials(folder, TRIALS)

    assert read_earlier_trials(folder) == [
        replace(TRIALS[0], number=-2, earlier=True),
        replace(TRIALS[1], number=-1, earlier=True),
    ]


def test_a_run_that_began_with_nothing_has_none(tmp_path: Path) -> None:
    assert read_earlier_trials(RunFolder(tmp_path)) == []
