"""`cnnsearch` beside other ways to search, with the same data, time and machine.

Each competitor searches in a process of its own, one after the other. The clock starts before that
process does; at the deadline the network that is best by validation accuracy is tested, once.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # the clone, so that this runs from any folder

from tests.benchmarks.competitors import anytime, cnnsearch_run
from tests.benchmarks.competitors.contest import Contest, write_part
from tests.benchmarks.competitors.holding import (
    Competitor,
    CompetitorError,
    hold,
    lacks,
    own_process,
)
from tests.benchmarks.competitors.standings import Result, table, write_csv

COMPETITORS: Mapping[str, Competitor] = {
    "cnnsearch": Competitor(cnnsearch_run.command, cnnsearch_run.collect),
    "optuna": Competitor(partial(own_process, "optuna")),
    "keras-tuner-hyperband": Competitor(partial(own_process, "keras-tuner-hyperband")),
    "keras-tuner-random": Competitor(partial(own_process, "keras-tuner-random")),
    "autokeras": Competitor(partial(own_process, "autokeras")),
}
GROUPS = {"keras-tuner": ("keras-tuner-hyperband", "keras-tuner-random")}


def main(arguments: Sequence[str] | None = None) -> int:
    """Let all compete and print what they found; return 1 if one of them failed, else 0."""
    options = _options(arguments)
    print(f"results go to {options.out}", file=sys.stderr)
    contest = _contest(options)
    results, failed = [], False
    competitors = _competitors(options)
    for seed in options.seeds:  # the peers in turns: a load that comes and goes meets them all
        for peer, competitor in competitors.items():
            folder = Path(contest.folder) / f"{peer}-{options.seconds}s-seed{seed}"
            try:
                own = replace(contest, seed=seed, folder=str(folder))
                results.append(hold(peer, competitor, own))
            except CompetitorError as error:
                print(f"{peer}, seed {seed}: {error}", file=sys.stderr)
                failed = True
    if results:
        _show(results, options.out)
    return int(failed)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    names = [*COMPETITORS, *GROUPS]
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--seconds", type=int, default=600, help="Time of each competitor; 600.")
    add("--seeds", type=int, nargs="+", default=[1, 2, 3], help="1 2 3.")
    add("--peers", nargs="+", choices=names, default=list(COMPETITORS), help="All.")
    add("--data", default="fashion-mnist", help="Dataset, as of `cnnsearch run`; fashion-mnist.")
    add("--images", type=int, help="Only so many training images, and at most as many of test.")
    add("--trials", type=int, help="Stop each after so many, for a look at whether all works.")
    add("--out", type=Path, help="Folder of the results; what it holds already is not made again.")
    add("--autokeras-python", default=sys.executable, help="Python with AutoKeras; this one.")
    options = parser.parse_args(arguments)
    options.out = (options.out or Path(tempfile.mkdtemp(prefix="peers-"))).resolve()
    return options


def _contest(options: argparse.Namespace) -> Contest:
    """Return what all competitors have in common; its folder is that of all of them."""
    limits = [
        f"{value}-{name}" for name in ("images", "trials") if (value := getattr(options, name))
    ]
    folder = options.out / "-".join([Path(options.data).stem, *limits])
    folder.mkdir(parents=True, exist_ok=True)
    data = options.data
    if options.images:
        data = str(folder / "part.npz")
        write_part(Path(data), options.data, options.images)
    return Contest(data, 0, options.seconds, options.trials, str(folder), started=0.0)


def _competitors(options: argparse.Namespace) -> dict[str, Competitor]:
    """Return those that were asked for and can compete here, by name."""
    names = [each for name in options.peers for each in GROUPS.get(name, (name,))]
    found = {name: COMPETITORS[name] for name in names}
    if "autokeras" in found:
        python = options.autokeras_python
        command = partial(own_process, "autokeras", python=python)
        found["autokeras"] = replace(found["autokeras"], command=command)
        if (why := lacks(python, "autokeras")) is not None:
            print(f"autokeras is left out: {python} cannot import it ({why})", file=sys.stderr)
            del found["autokeras"]
    return found


def _show(results: Sequence[Result], out: Path) -> None:
    write_csv(out / "results.csv", results)
    print(*anytime.lines(results), "", *table(results), sep="\n")
    picture = out / "anytime.png"
    if anytime.draw(picture, results):
        print(f"the same over time: {picture}", file=sys.stderr)
    else:
        print("no picture: matplotlib is not installed", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
