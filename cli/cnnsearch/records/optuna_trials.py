"""Our trials in Optuna's words, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cnnsearch.records.distributions import distribution, parameter
from cnnsearch.records.objectives import Direction
from cnnsearch.records.trial import State, TrialRecord
from cnnsearch.space import Setting, Value

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial, TrialState


def new_trial(
    settings: Mapping[str, Value], choices: Mapping[str, Setting], **facts: Any
) -> FrozenTrial:
    """Return a trial that begins now; `facts` are what else is known of it."""
    from optuna.trial import TrialState, create_trial

    trial = create_trial(
        state=TrialState.RUNNING,
        params={path: parameter(value) for path, value in settings.items()},
        distributions={path: distribution(choices[path].domain) for path in settings},
        user_attrs={"settings": dict(settings), "attempts": 1, **facts},
    )
    trial.datetime_start = datetime.now()  # noqa: DTZ005 (Optuna's times have no zone)
    return trial


def final_state(state: State, *, scored: bool) -> TrialState:
    """Return what Optuna calls an end; a trial that failed there has no values."""
    from optuna.trial import TrialState

    if state == "complete":
        return TrialState.COMPLETE
    if state in ("pruned", "stopped", "over_limit") or (state == "timed_out" and scored):
        return TrialState.PRUNED
    return TrialState.FAIL


def read_trial(trial: FrozenTrial, objectives: Mapping[str, Direction]) -> TrialRecord:
    """Return what Optuna has of a trial; `objectives` say what its values are."""
    facts = trial.user_attrs
    outcome = _outcome(trial)
    looks = dict(sorted(trial.intermediate_values.items()))
    score, *costs = objectives
    record = TrialRecord(
        number=trial.number,
        state=outcome["state"],
        settings=facts.get("settings", trial.params),
        parameters=facts.get("parameters", 0),
        macs=facts.get("macs", 0),
        traffic=facts.get("traffic", 0),
        looks=looks,
        value=_best(looks, objectives[score]),
        measured=facts.get("measured", {}),
        attempts=facts.get("attempts", 1),
        seconds=outcome.get("seconds", {}),
        worker=facts.get("worker", 0),
        parent=facts.get("parent"),
        starved=facts.get("starved", False),
        batch_size=facts.get("batch_size"),
        message=outcome.get("message"),
        started=trial.datetime_start,
    )
    return replace(record, values=_values(record, costs))


def _outcome(trial: FrozenTrial) -> dict[str, Any]:
    """Return how far the trial has come: `state`, `seconds` and `message`."""
    facts = trial.user_attrs
    if trial.state.is_finished():
        return {"state": "error", **facts.get("outcome", {})}
    if facts.get("paused"):
        return {"state": "paused", **facts["paused"]}
    return {"state": "running", "seconds": facts.get("before", {})}


def _best(looks: Mapping[int, float], direction: Direction) -> float | None:
    if not looks:
        return None
    return max(looks.values()) if direction == "max" else min(looks.values())


def _values(record: TrialRecord, costs: Sequence[str]) -> tuple[float, ...] | None:
    if record.value is None or not set(costs) <= record.costs.keys():
        return None
    return (record.value, *(record.costs[name] for name in costs))
