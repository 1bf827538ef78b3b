"""Candidates that go on from the best trial's weights, under other regularisation.

How much regularisation is right depends on how long a network is trained: the first looks favour
little, and a long training needs more. So once the best trial has come far, candidates that differ
from it in nothing else begin where it stands, and not at its beginning (population based training,
Jaderberg et al. 2017, arXiv:1711.09846, with the network kept). Those with more regularisation come
first, since what gets no better has mostly learned its images by heart; and first of all those that
vary the images.

Strangers, which begin with first weights, vary the network. One may be better than the trial that
the best one descends from was when it was as far, and worse than what regularisation has made of
that since: it has an heir of its own, under the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Candidate, SearchSpace, Value, draw, first_guess, replay
from cnnsearch.space.neighbours import neighbours
from cnnsearch.tuning.rungs import RungPlan

# They change neither a network's weights nor what its optimizer remembers. The learning rate is not
# among them: a lower one scores better at once, whatever it leads to.
REGULARISATION = ("data.augmentation.", "training.label_smoothing", "training.weight_decay")
NO_FLIP = "none"
FAR = 3  # rungs after the first: 27 times as many steps


def heirs(space: SearchSpace, best: TrialRecord) -> Iterator[Candidate]:
    """Yield the neighbours of a trial that can go on from its weights."""
    for candidate in neighbours(space, draw(space, replay(best.settings))):
        if _can_inherit(candidate, best):
            yield candidate


def by_hope(heir: Candidate, best: TrialRecord) -> tuple[bool, int]:
    """Return a key that puts first the heirs that promise most, in the order of REGULARISATION.

    Those with less of it than the best trial come last.
    """
    path = next(
        path for path, value in best.settings.items() if heir.settings.get(path, value) != value
    )
    less = _strength(heir.settings[path]) < _strength(best.settings[path])
    return less, next(at for at, name in enumerate(REGULARISATION) if path.startswith(name))


def adopting(space: SearchSpace, stranger: TrialRecord, best: TrialRecord) -> Candidate | None:
    """Return the network and training of a trial under the regularisation of the best one.

    None where that is what the trial has, or where other settings depend on it.
    """
    adopted = {path: value for path, value in best.settings.items() if _is_regularisation(path)}
    candidate = draw(space, replay({**stranger.settings, **adopted}, otherwise=first_guess))
    return candidate if _can_inherit(candidate, stranger) else None


def heir_is_due(best: TrialRecord, history: Sequence[TrialRecord], plan: RungPlan) -> bool:
    """Tell whether the next challenger may be an heir of the best trial, once that is far.

    Heirs of its line have turns until they have had as much of the time as the strangers that began
    since, and never one right after another, so that a better network can still be found. What the
    best trial and those that it descends from have taken counts for neither.
    """
    if not is_far(best, plan) or history[-1].parent is not None:
        return False
    line = lineage(best, history)
    numbers = {trial.number for trial in line}
    heirs_s = strangers_s = 0.0
    for trial in history[line[-1].number + 1 :]:
        seconds = trial.seconds.get("total", 0.0)
        if trial.parent is None:
            strangers_s += seconds
        elif trial.number not in numbers and lineage(trial, history)[-1].number in numbers:
            heirs_s += seconds
    return heirs_s <= strangers_s


def is_far(trial: TrialRecord, plan: RungPlan) -> bool:
    """Tell whether a trial has come so far that it may have heirs.

    Its best look may lie before: what gets worse so soon needs regularisation all the more.
    """
    return trial.steps >= far_step(plan)


def far_step(plan: RungPlan) -> int:
    """Return the steps after which a trial may have heirs."""
    return plan.rungs[min(FAR, len(plan.rungs) - 1)]


def lineage(trial: TrialRecord, history: Sequence[TrialRecord]) -> list[TrialRecord]:
    """Return a trial, its parent and so on: the last began with first weights of its own."""
    line = [trial]
    while line[-1].parent is not None:
        line.append(history[line[-1].parent])
    return line


def _can_inherit(candidate: Candidate, parent: TrialRecord) -> bool:
    """Tell whether a candidate is another, and differs in nothing but regularisation."""
    before, after = dict(parent.settings), dict(candidate.settings)
    paths = before.keys() | after.keys()
    changed = [path for path in paths if before.get(path) != after.get(path)]
    return bool(changed) and all(map(_is_regularisation, changed))


def _is_regularisation(path: str) -> bool:
    return path.startswith(REGULARISATION)


def _strength(value: Value) -> float:
    """Return how strong a regularisation is, to be compared with itself only."""
    return float(value) if isinstance(value, int | float) else float(value != NO_FLIP)
