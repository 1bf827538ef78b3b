"""How long `cnnsearch --help` takes, beside the imports that any Typer program with Rich makes."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from statistics import median

HELP = (sys.executable, "-m", "cnnsearch", "--help")
IMPORTS = (sys.executable, "-c", "import typer, rich")
MOST_RATIO = 2


def main() -> None:
    """Print the times of both, and the row for the table of the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=21, help="How often to run both; 21.")
    pairs = _alternate(parser.parse_args().pairs)

    help_s, imports_s = (median(times) for times in zip(*pairs, strict=True))
    ratios = sorted(help_time_s / imports_time_s for help_time_s, imports_time_s in pairs)
    print(f"cnnsearch --help     {1000 * help_s:6.0f} ms (median of {len(pairs)})")
    print(f"import typer, rich   {1000 * imports_s:6.0f} ms")
    print(f"ratio, pair by pair  {ratios[0]:.2f} to {ratios[-1]:.2f}\n")
    print("| benchmark | median ratio | aim | machine |\n|---|---|---|---|")
    print(f"| `help_time.py` | {median(ratios):.2f} | at most {MOST_RATIO} | {_machine()} |")


def _alternate(count: int) -> list[tuple[float, float]]:
    """Return seconds of `count` pairs of runs, after one that fills the disk's cache."""
    for command in (HELP, IMPORTS):
        _run_s(command)
    return [(_run_s(HELP), _run_s(IMPORTS)) for _ in range(count)]


def _run_s(command: tuple[str, ...]) -> float:
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def _machine() -> str:
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()
