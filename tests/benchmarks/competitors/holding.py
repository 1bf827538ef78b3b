"""Starts competitors, waits for them, and reads what they have left."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.benchmarks.competitors.contest import Contest, read_curve, read_outcome
from tests.benchmarks.competitors.standings import Result

import cnnsearch
from cnnsearch.records.files import write_json

CLONE = Path(__file__).parents[3]
SOURCES = Path(cnnsearch.__file__).parents[1]
GRACE_S = 600  # beyond twice its time, before a competitor that hangs is ended


class CompetitorError(Exception):
    """A competitor failed, or did not end."""


@dataclass(frozen=True)
class Competitor:
    """How one is started, and what is done with what it has left in its folder."""

    command: Callable[[Contest], Sequence[str]]
    collect: Callable[[Contest], None] = lambda contest: None  # it leaves curve and outcome itself


def own_process(name: str, contest: Contest, python: str = sys.executable) -> list[str]:
    """Return the command of a competitor that is one of our functions."""
    return [python, "-m", __package__, name, contest.to_json()]


def lacks(python: str, module: str) -> str | None:
    """Return why this Python cannot import the module, in a line; None where it can."""
    try:
        _run([python, "-c", f"import {module}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError as error:
        return error.strerror
    except subprocess.CalledProcessError as error:
        return str(error.stdout.strip().splitlines()[-1])
    return None


def hold(peer: str, competitor: Competitor, contest: Contest) -> Result:
    """Let one compete, unless its folder holds the result already.

    Raises:
        CompetitorError: It ended with an error, or not at all.
    """
    facts = Path(contest.folder) / "result.json"
    if facts.exists():
        _tell(f"{peer}, seed {contest.seed}: as {facts} has it")
    else:
        write_json(facts, _compete(peer, competitor, contest))
    found = json.loads(facts.read_text(encoding="utf-8"))
    return Result(**found, outcome=read_outcome(contest), curve=read_curve(contest))


def _compete(peer: str, competitor: Competitor, contest: Contest) -> dict[str, Any]:
    """Run the competitor's process to its end; return what only an observer knows."""
    folder = Path(contest.folder)
    shutil.rmtree(folder, ignore_errors=True)  # what a comparison that was cut off has left
    folder.mkdir(parents=True)
    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    _tell(f"{peer}, seed {contest.seed}: {contest.seconds} s")
    contest = replace(contest, started=time.time())
    with (folder / "log.txt").open("w", encoding="utf-8") as log:
        try:
            _run(
                competitor.command(contest),
                stdout=log,
                stderr=log,
                timeout=2 * contest.seconds + GRACE_S,
            )
        except (subprocess.SubprocessError, OSError) as error:
            raise CompetitorError(f"{error}; see {log.name}") from error
    wall_s = round(contest.elapsed_s(), 1)
    competitor.collect(contest)
    return {
        "peer": peer,
        "budget_s": contest.seconds,
        "seed": contest.seed,
        "wall_s": wall_s,
        "machine": machine,
    }


def _run(command: Sequence[str], **options: Any) -> None:
    """Run a process that finds our modules, whichever Python it is."""
    folders = [str(CLONE), str(SOURCES), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, folders)),
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    subprocess.run(command, env=environment, check=True, text=True, **options)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
