"""The samplers against each other, on a search space whose candidates were all trained once.

A search is replayed: proposals and pruning are those of a run, and where a trial would train, the
table tells what it scored. Regret is how much worse than the best of all candidates the one is that
the search would choose, by their last score, in percentage points. With `--noise` the search sees
scores that are off by chance, as those of another training would be; the regret is in those of the
table.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import mean, stdev

from tests.benchmarks.tabular.table import RUNGS, Row, key, read_table, table_space

from cnnsearch.records.trial import TrialRecord
from cnnsearch.tuning.proposals import Proposals
from cnnsearch.tuning.rungs import goes_on
from cnnsearch.tuning.samplers import SAMPLERS

SHAPE, CLASSES = (28, 28, 1), 10  # of fashion-mnist-mini
FULL = RUNGS[-1]  # training steps of a trial that is not pruned
AFTER = {"none": (5, 10, 20, 40, 80), "asha": (1, 2, 5, 10, 20)}  # trainings of full length
PER_CENT = 100

Table = Mapping[str, Row]


@dataclass(frozen=True)
class Moment:
    """How far a search has come: what was spent, in training steps, and the regret then."""

    steps: int
    regret: float


def main() -> None:
    """Print a table for each way of pruning, with a row a sampler."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50, help="Searches of each kind; 50.")
    parser.add_argument("--samplers", nargs="+", choices=SAMPLERS, default=list(SAMPLERS))
    parser.add_argument("--pruning", nargs="+", choices=AFTER, default=list(AFTER))
    parser.add_argument("--noise", type=float, default=0, help="Points that scores are off by; 0.")
    parser.add_argument("--png", type=Path, help="Draw the curves there; needs matplotlib.")
    parser.add_argument("--train", action="store_true", help="Train what the table lacks first.")
    options = parser.parse_args()
    if options.train:
        from tests.benchmarks.tabular.training import train_all

        train_all()
    table = read_table()
    for pruning in options.pruning:
        searches = {
            sampler: [
                list(search(table, sampler, pruning, seed, AFTER[pruning][-1], options.noise))
                for seed in range(1, options.seeds + 1)
            ]
            for sampler in options.samplers
        }
        _print(pruning, searches)
        if options.png:
            _draw(options.png.with_stem(f"{options.png.stem}-{pruning}"), pruning, searches)


def search(
    table: Table, sampler: str, pruning: str, seed: int, trainings: int, noise: float = 0
) -> Iterator[Moment]:
    """Yield every moment of one search.

    Args:
        table: What each candidate scores.
        sampler: Who proposes.
        pruning: `asha` or `none`.
        seed: Of the search.
        trainings: What it may cost, in trainings of full length.
        noise: Standard deviation of what the search sees of a score, in percentage points.
    """
    space = table_space(f"search.algorithm={sampler}", f"search.seed={seed}")
    proposals = Proposals(space, SHAPE, CLASSES)
    best = max(_last(row) for row in table.values())
    history: list[TrialRecord] = []
    spent = 0
    while spent < trainings * FULL:
        proposal = proposals.next(history)
        if proposal is None:
            return
        row = _blurred(table[key(proposal.candidate.settings)], seed, noise)
        history.append(_trial(row, history, pruning))
        spent += history[-1].steps or FULL  # one that diverged has cost as much as another
        chosen = max((t for t in history if t.value is not None), key=_value, default=None)
        if chosen is not None:
            yield Moment(spent, best - _last(table[key(chosen.settings)]))


def _trial(row: Row, history: Sequence[TrialRecord], pruning: str) -> TrialRecord:
    """Return the trial as a run would have it: looked at from rung to rung until it is pruned."""
    looks: dict[int, float] = {}
    for step, score in row.looks.items():
        others = [trial.looks[step] for trial in history if step in trial.looks]
        looks[step] = score
        as_good = sum(other >= score for other in others)
        if pruning == "asha" and step < FULL and not goes_on(as_good, len(others)):
            break
    diverged = row.state == "diverged" and looks.keys() == row.looks.keys()
    return TrialRecord(
        number=len(history),
        state="diverged" if diverged else "complete" if FULL in looks else "pruned",
        settings=row.settings,
        parameters=row.parameters,
        macs=row.macs,
        looks=looks,
        value=None if diverged else max(looks.values()),
    )


def _blurred(row: Row, seed: int, noise: float) -> Row:
    """Return the row as another training would have had it: all its looks off by as much."""
    off = Random(f"{seed}:{key(row.settings)}").gauss(0, noise / PER_CENT)
    return replace(row, looks={step: score + off for step, score in row.looks.items()})


def _last(row: Row) -> float:
    """Return the score of a full training; none of a candidate that diverged."""
    return row.looks.get(FULL, 0.0)


def _value(trial: TrialRecord) -> float:
    return trial.value or 0.0


def _print(pruning: str, searches: Mapping[str, Sequence[Sequence[Moment]]]) -> None:
    after = AFTER[pruning]
    unit = "trials" if pruning == "none" else "full trainings"
    head = [f"pruning: {pruning}", *(f"{number} {unit}" for number in after), "trials"]
    print(f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for sampler, runs in sorted(searches.items(), key=lambda each: _order(each[1])):
        cells = [_cell([_regret(run, number * FULL) for run in runs]) for number in after]
        trials = f"{mean(len(run) for run in runs):.0f}"
        print(f"| `{sampler}` | {' | '.join(cells)} | {trials} |", flush=True)


def _order(runs: Sequence[Sequence[Moment]]) -> float:
    """Return the mean regret over the whole search."""
    return mean(mean(moment.regret for moment in run) for run in runs)


def _regret(run: Sequence[Moment], steps: int) -> float:
    """Return the regret once so many steps were spent."""
    return next((m.regret for m in reversed(run) if m.steps <= steps), run[0].regret)


def _cell(regrets: Sequence[float]) -> str:
    spread = stdev(regrets) if len(regrets) > 1 else 0.0
    return f"{PER_CENT * mean(regrets):.2f} ± {PER_CENT * spread:.2f}"


def _draw(file: Path, pruning: str, searches: Mapping[str, Sequence[Sequence[Moment]]]) -> None:
    try:
        from matplotlib import pyplot
    except ImportError:
        print("no picture: matplotlib is not installed", file=sys.stderr)
        return
    figure, axes = pyplot.subplots()
    places = [FULL * n // 4 for n in range(1, 4 * AFTER[pruning][-1] + 1)]
    for sampler, runs in searches.items():
        curve = [PER_CENT * mean(_regret(run, steps) for run in runs) for steps in places]
        axes.plot([steps / FULL for steps in places], curve, label=sampler)
    axes.set(xlabel="full trainings", ylabel="regret, percentage points", yscale="log")
    axes.legend()
    figure.savefig(file, dpi=150)


if __name__ == "__main__":
    main()
