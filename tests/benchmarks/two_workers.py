"""How many trials several workers finish, and images they train on, in the time of one.

Runs whole searches in pairs, in turns: first with one worker, then with several.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import open_study

LEAST_RATIO = 1.0
SHORT = ("data.image_size=14",)


@dataclass(frozen=True)
class Found:
    """What one search came to."""

    trials: int  # finished; those that the end of the time cut off are none
    images: float  # trained on, by all trials


def main() -> None:
    """Print what each pair came to, and the rows for the table of the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=3, help="Pairs of searches; 3.")
    parser.add_argument("--workers", type=int, default=2, help="Workers of the second search; 2.")
    parser.add_argument("--budget", default="3m", help="Time of each search; 3m.")
    parser.add_argument("--space", default="default", help="Search space; default.")
    parser.add_argument(
        "--set",
        action="append",
        metavar="PATH=VALUE",
        help=f"As of `cnnsearch run`; {' '.join(SHORT)}.",
    )
    options = parser.parse_args()
    trials, images = [], []
    for pair in range(options.pairs):
        one, several = [
            _search(options.space, options.budget, workers, options.set or SHORT, seed=pair + 1)
            for workers in (1, options.workers)
        ]
        trials.append(several.trials / max(1, one.trials))
        images.append(several.images / max(1.0, one.images))
        print(f"pair {pair + 1}: 1 worker {one}, {options.workers} workers {several}", flush=True)
    print("\n| benchmark | figure | aim | how | machine |\n|---|---|---|---|---|")
    _print_row("trials", trials, options, f"at least {LEAST_RATIO:.1f}")
    _print_row("images", images, options, "")


def _print_row(what: str, ratios: Sequence[float], options: argparse.Namespace, aim: str) -> None:
    name = f"`two_workers.py`, {what} of {options.workers} workers by those of one"
    spread = f"{min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} pairs of {options.budget}"
    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"| {name} | {statistics.median(ratios):.2f} | {aim} | {spread} | {machine} |")


def _search(space: str, budget: str, workers: int, overrides: Sequence[str], seed: int) -> Found:
    with tempfile.TemporaryDirectory(prefix="two-workers-") as runs:
        command = [sys.executable, "-m", "cnnsearch", "run", space, "--budget", budget]
        command += ["--workers", str(workers), "--seed", str(seed), "--runs", runs, "--json"]
        command += [part for override in overrides for part in ("--set", override)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
        if done.returncode:
            sys.exit(f"the search with {workers} workers ended with exit code {done.returncode}")
        folder = RunFolder(Path(json.loads(done.stdout)["run"]["folder"]))
        trials = open_study(folder.journal).trials()
    return Found(
        trials=sum(trial.state in ("complete", "pruned") for trial in trials),
        images=sum(
            trial.seconds["fit"] / trial.seconds["image"]
            for trial in trials
            if trial.seconds.get("image")
        ),
    )


if __name__ == "__main__":
    main()
