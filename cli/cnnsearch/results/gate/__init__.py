"""The gate: whether a finished run keeps to the limits that its space sets.

A limit is *passed*, *failed*, *unknown* (its figure is not known; one without a baseline may not
be taken for granted, so it counts as failed) or *skipped* (there is nothing to compare with).
"""

from __future__ import annotations

from cnnsearch.results.gate.baseline import Baseline, Update, find_baseline, update_baseline
from cnnsearch.results.gate.judge import VERDICT_VERSION, Check, Verdict, judge
from cnnsearch.results.gate.limits import limits_of

__all__ = [
    "VERDICT_VERSION",
    "Baseline",
    "Check",
    "Update",
    "Verdict",
    "find_baseline",
    "judge",
    "limits_of",
    "update_baseline",
]
