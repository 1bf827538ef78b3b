"""Which settings mattered: PED-ANOVA, by Optuna (Watanabe et al. 2023, arXiv:2304.10255).

It asks how differently a setting is distributed among the best trials and among all of them. It
takes settings that not every trial has as they are.
"""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from cnnsearch.records.study import Study, TrialRecord
from cnnsearch.space import Value

LEAST_TRIALS = 12  # with fewer, one lucky trial decides
BEST_TRIALS = 5  # at least so many make up the best: fewer have no distribution
BEST_SHARE = 0.1  # of many trials, so many are the best


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
    return {
        "step": step,
        "trials": len(trials),
        "best_trials": len(best),
        "settings": [
            {"setting": path, "share": round(share / sum(shares.values()), 4)}
            | _usual([trial.settings[path] for trial in best if path in trial.settings])
            for path, share in sorted(shares.items(), key=lambda entry: (-entry[1], entry[0]))
        ],
    }


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


def _usual(values: Sequence[Value]) -> dict[str, Any]:
    """Return what the best trials mostly have: one value, or the middle of numbers that differ."""
    if not values:
        return {"usual": None, "with_it": 0}
    numbers = [value for value in values if isinstance(value, float)]
    if len(numbers) == len(values) and len(set(numbers)) > len(numbers) // 2:
        return {"usual": median(numbers), "with_it": None}
    counts = Counter(map(json.dumps, values))  # of lists too
    usual, count = counts.most_common(1)[0]
    return {"usual": json.loads(usual), "with_it": count}
