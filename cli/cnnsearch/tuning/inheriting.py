"""Candidates that go on from the best trial's weights, under other regularisation.

How much regularisation is right depends on how long a network is trained: the first looks favour
little, and a long training needs more. So once the best trial has come far, candidates that differ
from it in nothing else begin where it stands, and not at its beginning (population based training,
Jaderberg et al. 2017, arXiv:1711.09846, with the network kept). Those with more regularisation come
first, since what gets no better has mostly learned its images by heart; and first of all those that
vary the images.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Candidate, SearchSpace, Value, draw, replay
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
        before, after = dict(best.settings), dict(candidate.settings)
        paths = before.keys() | after.keys()
        changed = [path for path in paths if before.get(path) != after.get(path)]
        if changed and all(path.startswith(REGULARISATION) for path in changed):
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


def heir_is_due(best: TrialRecord, history: Sequence[TrialRecord], plan: RungPlan) -> bool:
    """Tell whether the next challenger may be an heir: every second, once the best trial is far.

    The others are drawn as ever, so that a better network can still be found.
    """
    return best.scored_step >= plan.rungs[min(FAR, len(plan.rungs) - 1)] and (
        history[-1].parent is None
    )


def _strength(value: Value) -> float:
    """Return how strong a regularisation is, to be compared with itself only."""
    return float(value) if isinstance(value, int | float) else float(value != NO_FLIP)
