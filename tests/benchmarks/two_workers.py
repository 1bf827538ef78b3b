"""How many trials several workers finish in the time of one, on the same machine.

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
from typing import Any

LEAST_RATIO = 1.0
SHORT = ("data.image_size=14",)


def main() -> None:
    """Print the trials of each pair, and the row for the table of the README."""
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
    ratios = []
    for pair in range(options.pairs):
        counts = [
            _trials(options.space, options.budget, workers, options.set or SHORT, seed=pair + 1)
            for workers in (1, options.workers)
        ]
        ratios.append(counts[1] / max(1, counts[0]))
        found = f"1 worker {counts[0]} trials, {options.workers} workers {counts[1]}"
        print(f"pair {pair + 1}: {found}", flush=True)
    name = f"`two_workers.py`, trials of {options.workers} workers by those of one"
    spread = f"{min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} pairs of {options.budget}"
    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print("\n| benchmark | figure | aim | how | machine |\n|---|---|---|---|---|")
    median = statistics.median(ratios)
    print(f"| {name} | {median:.2f} | at least {LEAST_RATIO:.1f} | {spread} | {machine} |")


def _trials(space: str, budget: str, workers: int, overrides: Sequence[str], seed: int) -> int:
    """Return how many trials a search finishes; those that the end of the time cut off are none."""
    with tempfile.TemporaryDirectory(prefix="two-workers-") as runs:
        command = [sys.executable, "-m", "cnnsearch", "run", space, "--budget", budget]
        command += ["--workers", str(workers), "--seed", str(seed), "--runs", runs, "--json"]
        command += [part for override in overrides for part in ("--set", override)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"the search with {workers} workers ended with exit code {done.returncode}")
    summary: dict[str, Any] = json.loads(done.stdout)
    return sum(trial["state"] in ("complete", "pruned") for trial in summary["trials"])


if __name__ == "__main__":
    main()
