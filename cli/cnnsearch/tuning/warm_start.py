"""Begin a search with what another run has learned: `cnnsearch run --from RUN`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cnnsearch.errors import RunError
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import open_study
from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import (
    SearchSpace,
    Setting,
    Value,
    draw,
    first_guess,
    leaf_path,
    load_space,
    replay,
)
from cnnsearch.space.quantities import plural
from cnnsearch.tuning.samplers.fitness import fitness


@dataclass(frozen=True)
class WarmStart:
    """The trials of another run, as candidates of this one's space, oldest first."""

    run: str
    folder: str
    trials: tuple[TrialRecord, ...]
    warnings: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        """Return what run.json keeps of it."""
        own = {"run": self.run, "folder": self.folder, "trials": len(self.trials)}
        return {**own, "warnings": list(self.warnings)}


def refuse_itself(other: RunFolder, runs: Path, name: str | None) -> None:
    """Make sure that a run does not begin with itself.

    Raises:
        RunError: It would.
    """
    if name is not None and (runs / name).resolve() == other.path.resolve():
        raise RunError(
            f"the run {name} cannot begin with its own trials: choose another --name, "
            f"or go on with `cnnsearch resume {other.called}`"
        )


def warm_start(space: SearchSpace, fingerprint: str, other: RunFolder) -> WarmStart:
    """Return the trials of `other` that a search of `space` can learn from.

    Scores count as they are where they were taken on the same data, whose fingerprint is
    `fingerprint`, for the same objectives. Otherwise only their order is used: what was better
    there is tried here first, and any trial of this run outweighs it.

    Raises:
        RunError: No trial of it was scored, none fits the space, or it cannot be read.
    """
    facts = other.read_facts()
    before = load_space(other.space_file)
    told = [t for t in open_study(other.journal).trials() if t.failed or t.looks]
    if not any(not trial.failed for trial in told):
        raise RunError(f"the run {other.name} has no scored trial to begin with")
    moved = [_Move(before, space, trial) for trial in told]
    if not any(move.fits for move in moved):
        raise RunError(f"no trial of the run {other.name} has a setting of this search space")
    trials, warnings = [move.trial for move in moved], _left_out(moved, other.name)
    reason = _incomparable(facts, fingerprint, space)
    if reason:
        trials = _ordered(trials, before, space)
        warnings = [
            *warnings,
            f"{other.name} was scored {reason}: only the order of its trials counts",
        ]
    return WarmStart(other.name, str(other.path), tuple(trials), tuple(warnings))


class _Move:
    """One trial, moved from the space of its run to another."""

    def __init__(self, before: SearchSpace, space: SearchSpace, trial: TrialRecord) -> None:
        def fixed_before(setting: Setting) -> Value:
            known = before.plan.constants
            value = known.get(leaf_path(setting.path, known))
            fits = value is not None and setting.domain.contains(value)
            return setting.domain.canonical(value) if fits else first_guess(setting)

        settings = draw(space, replay(trial.settings, otherwise=fixed_before)).settings
        now = {**space.plan.constants, **settings}
        self.left_out = [
            path
            for path, value in trial.settings.items()
            if now.get(path if path in now else leaf_path(path, now)) != value
        ]
        self.fits = len(self.left_out) < len(trial.settings) or not settings
        state = trial.state if trial.finished else "stopped"
        self.trial = replace(trial, settings=settings, state=state, earlier=True)


def _left_out(moved: Sequence[_Move], name: str) -> list[str]:
    paths = sorted({path for move in moved for path in move.left_out})
    if not paths:
        return []
    trials = sum(bool(move.left_out) for move in moved)
    shown = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
    all_trials = plural(len(moved), "trial")
    few = f"{trials:,} of {all_trials} of {name} had settings that do not fit this space"
    return [f"{few}; these were left out: {shown}"]


def _incomparable(facts: dict[str, Any], fingerprint: str, space: SearchSpace) -> str | None:
    """Return why scores of the other run cannot be compared with ours."""
    dataset = facts["dataset"]
    if dataset["fingerprint"] != fingerprint:
        return f"on other data ({dataset['name']})"
    if facts["objectives"] != dict(space.objectives):
        return f"by other objectives ({', '.join(facts['objectives'])})"
    return None


def _ordered(
    trials: Sequence[TrialRecord], before: SearchSpace, space: SearchSpace
) -> list[TrialRecord]:
    """Return the trials with their rank for a score, as if looked at after one step."""
    sign = 1 if next(iter(space.objectives.values())) == "max" else -1
    scored = sorted((trial for trial in trials if not trial.failed), key=fitness(before))
    scores = {trial.number: sign * rank / len(scored) for rank, trial in enumerate(scored, 1)}
    return [
        trial
        if trial.failed
        else replace(
            trial, state="pruned", looks={1: scores[trial.number]}, value=scores[trial.number]
        )
        for trial in trials
    ]
