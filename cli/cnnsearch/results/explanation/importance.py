"""Which settings mattered: PED-ANOVA, by Optuna (Watanabe et al. 2023, arXiv:2304.10255).

It asks how differently a setting is distributed among the best trials and among all of them. It
takes settings that not every trial has as they are. Its shares make up one whole whether or not
anything mattered, so each setting is also held against chance.
"""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from math import comb
from statistics import median
from typing import Any

from cnnsearch.records.study import Study
from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Value

LEAST_TRIALS = 12  # with fewer, one lucky trial decides
BEST_TRIALS = 5  # at least so many make up the best: fewer have no distribution
BEST_SHARE = 0.2  # of many trials, so many are the best


def importance(study: Study) -> dict[str, Any] | None:
    """Return each setting's share in what set the best trials apart, most important first.

    The trials are compared at the look that most of them reached. None where these are too few, or
    all scored alike.
    """
    step = _widest_rung(study.trials())
    trials = [trial for trial in study.trials() if step in trial.looks]
    if step is None or len(trials) < LEAST_TRIALS:
        return None
    best = _best(trials, step, maximize=study.maximize)
    shares = _shares(study, step, len(best) / len(trials)) if len(best) < len(trials) else {}
    if not sum(shares.values()):
        return None
    settings: list[dict[str, Any]] = [
        {"setting": path, "share": round(share / sum(shares.values()), 4)}
        | _usual(_values(path, best), _values(path, trials))
        for path, share in sorted(shares.items(), key=lambda entry: (-entry[1], entry[0]))
    ]
    for entry in settings:  # of many settings one stands out by chance: Bonferroni's correction
        entry["chance"] = float(f"{min(1.0, len(settings) * entry['chance']):.2g}")
    return {
        "step": step,
        "trials": len(trials),
        "best_trials": len(best),
        "settings": settings,
    }


def _values(path: str, trials: Sequence[TrialRecord]) -> list[Value]:
    return [trial.settings[path] for trial in trials if path in trial.settings]


def _widest_rung(trials: Sequence[TrialRecord]) -> int | None:
    counts = Counter(step for trial in trials for step in trial.looks)
    return max(counts, key=lambda step: (counts[step], step), default=None)


def _best(trials: Sequence[TrialRecord], step: int, *, maximize: bool) -> list[TrialRecord]:
    """Return the best trials after so many steps, with all that scored as the last of them."""
    count = max(BEST_TRIALS, round(BEST_SHARE * len(trials)))
    sign = -1 if maximize else 1
    ranked = sorted(sign * trial.looks[step] for trial in trials)
    return [trial for trial in trials if sign * trial.looks[step] <= ranked[count - 1]]


def _shares(study: Study, step: int, quantile: float) -> Mapping[str, float]:
    from optuna.importance import PedAnovaImportanceEvaluator

    evaluator = PedAnovaImportanceEvaluator(target_quantile=quantile)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # settings of few trials are told with how many they were
        return evaluator.evaluate(study.compared_at(step))


def _usual(values: Sequence[Value], every: Sequence[Value]) -> dict[str, Any]:
    """Return what the best trials mostly have, how many of all have it, and if that is chance.

    It is one value, or the middle of numbers that differ. `chance` is how likely as many trials
    taken blindly would have it, or would lie so much to one side of the middle of all.
    """
    if not values:
        return {"usual": None, "with_it": 0, "of_all": len(every), "chance": 1.0}
    numbers = [value for value in values if isinstance(value, float)]
    if len(numbers) == len(values) and len(set(numbers)) > len(numbers) // 2:
        every_number = [value for value in every if isinstance(value, float)]
        middle = median(every_number)
        above, all_above = (sum(v > middle for v in side) for side in (numbers, every_number))
        likely = 2 * min(
            at_least(above, len(values), all_above, len(every)),
            at_least(len(values) - above, len(values), len(every) - all_above, len(every)),
        )
        return {"usual": median(numbers), "with_it": None, "of_all": None, "chance": likely}
    counts, all_counts = (Counter(map(json.dumps, side)) for side in (values, every))  # of lists
    usual, count = counts.most_common(1)[0]
    likely = at_least(count, len(values), all_counts[usual], len(every)) * len(all_counts)
    return {
        "usual": json.loads(usual),
        "with_it": count,
        "of_all": all_counts[usual],
        "chance": likely,
    }


def at_least(count: int, drawn: int, marked: int, total: int) -> float:
    """Return how likely `drawn` of `total` things, of which some are marked, hold `count` such."""
    ways = sum(
        comb(marked, number) * comb(total - marked, drawn - number)
        for number in range(count, min(drawn, marked) + 1)
    )
    return ways / comb(total, drawn)
