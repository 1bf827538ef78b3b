"""Searches that cannot succeed: all first trials fail alike, or nothing is within the limits."""

from __future__ import annotations

from cnnsearch.errors import AllTrialsFailedError
from cnnsearch.records.trial import TrialRecord

MOST_OVER_LIMIT = 40  # trials in a row beyond a measured limit, then the search ends
HOPELESS_AFTER = 10  # when so many first trials all end in the same failure, the space is at fault


def refuse_hopeless(history: list[TrialRecord]) -> None:
    """Raise an AllTrialsFailedError, with advice, where the first trials all failed alike."""
    first = history[:HOPELESS_AFTER]
    states = {trial.state for trial in first}
    if len(first) < HOPELESS_AFTER or len(states) > 1 or not all(trial.failed for trial in first):
        return
    advice = {
        "diverged": "lower `training.learning_rate`",
        "out_of_memory": "lower `training.batch_size`, or limit `macs` in `constraints`",
        "timed_out": "raise `budget.trial_time`, or limit `macs` in `constraints`",
    }.get(first[0].state, "see worker.log in the run folder")
    raise AllTrialsFailedError(
        f"the first {HOPELESS_AFTER} trials all ended as {first[0].state.replace('_', ' ')} "
        f"({first[-1].message or 'no message'}): {advice}"
    )


def is_always_over_limit(history: list[TrialRecord]) -> bool:
    """Tell whether measured limits have left nothing for so long that nothing is to be expected."""
    latest = history[-MOST_OVER_LIMIT:]
    return len(latest) == MOST_OVER_LIMIT and {trial.state for trial in latest} == {"over_limit"}
