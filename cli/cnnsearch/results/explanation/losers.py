"""The trials most like the winner: what they had else, and what that cost."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING, Any

from cnnsearch.errors import SpaceError
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import Study
from cnnsearch.records.trial import TrialRecord
from cnnsearch.results.interval import wilson_interval

if TYPE_CHECKING:
    from cnnsearch.space import Candidate

MOST_LOSERS = 3


def nearest_losers(folder: RunFolder, study: Study, winner: TrialRecord) -> dict[str, Any] | None:
    """Return the trials that differ least from the winner, nearest first.

    Each is compared after the most steps that both were looked at. None where the space cannot be
    read any more.
    """
    try:
        candidates = _candidates(folder, study)
    except (OSError, SpaceError, ValueError):
        return None
    others = [
        trial
        for trial in study.trials()
        if trial.number != winner.number and trial.looks.keys() & winner.looks.keys()
    ]
    own = candidates[winner.number]
    near = sorted(
        others, key=lambda trial: (_distance(own, candidates[trial.number]), trial.number)
    )
    return {
        "trial": winner.number,
        "chance": _chance(folder, winner),
        "trials": [_compared(winner, loser, study.maximize) for loser in near[:MOST_LOSERS]],
    }


def _candidates(folder: RunFolder, study: Study) -> list[Candidate]:
    from cnnsearch.space import draw, load_space, replay

    space = load_space(folder.space_file)
    return [draw(space, replay(trial.settings)) for trial in study.trials()]


def _distance(one: Candidate, other: Candidate) -> float:
    from cnnsearch.space.neighbours import distance

    return distance(one, other)


def _compared(winner: TrialRecord, loser: TrialRecord, maximize: bool) -> dict[str, Any]:
    step = max(winner.looks.keys() & loser.looks.keys())
    ahead = winner.looks[step] - loser.looks[step]
    paths = dict.fromkeys((*winner.settings, *loser.settings))
    return {
        "trial": loser.number,
        "step": step,
        "worse_by": round(ahead if maximize else -ahead, 6),
        "differences": [
            {
                "setting": path,
                "winner": winner.settings.get(path),
                "loser": loser.settings.get(path),
            }
            for path in paths
            if winner.settings.get(path) != loser.settings.get(path)
        ],
    }


def _chance(folder: RunFolder, winner: TrialRecord) -> float | None:
    """Return the difference from the winner's accuracy that may be chance alone; of losses None.

    It is half of Newcombe's 95 % interval for two networks that both have the winner's accuracy
    (see `results.difference`): above zero also where that is all or nothing.
    """
    facts = folder.read_facts()
    if next(iter(facts["objectives"])) != "val_accuracy" or winner.value is None:
        return None
    count = facts["dataset"]["validation"]
    low, high = wilson_interval(round(winner.value * count), count)
    return round(hypot(winner.value - low, high - winner.value), 4)
