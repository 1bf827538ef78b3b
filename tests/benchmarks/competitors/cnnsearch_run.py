"""`cnnsearch run` as a competitor: its command line, and what its run folder tells afterwards."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.benchmarks.competitors.contest import (
    VALIDATION_SHARE,
    Contest,
    Outcome,
    write_curve,
    write_outcome,
)

from cnnsearch.records.events import read_events

RUN = "run"


def command(contest: Contest) -> list[str]:
    """Return the command that a user would type: the default space, and nothing tuned."""
    limit = [] if contest.trials is None else ["--trials", str(contest.trials)]
    return [
        *(sys.executable, "-m", "cnnsearch", "run", "default", *limit),
        *("--data", contest.data, "--budget", f"{contest.seconds}s", "--seed", str(contest.seed)),
        *("--set", f"data.validation={VALIDATION_SHARE}"),
        *("--runs", contest.folder, "--name", RUN, "--json"),
    ]


def collect(contest: Contest) -> None:
    """Leave curve and outcome in the contest's folder, as the other competitors do."""
    folder = Path(contest.folder) / RUN
    scores = [
        (event["time"] - contest.started, event["value"])
        for event in read_events(folder / "events.jsonl")
        if event["event"] in ("look", "finished")
    ]
    write_curve(contest, scores)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    outcome = Outcome(
        trials=len(summary["trials"]),
        validation=summary["winner"]["value"],
        correct=summary["test"]["correct"],
        count=summary["test"]["count"],
        parameters=summary["winner"]["parameters"],
    )
    write_outcome(contest, outcome)
