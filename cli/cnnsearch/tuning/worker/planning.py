"""Where the trials of a run are looked at: the first guess says how long they are trained."""

from __future__ import annotations

from cnnsearch.data import Dataset
from cnnsearch.space import SearchSpace, draw, first_guess
from cnnsearch.tuning.rungs import RungPlan, plan_rungs
from cnnsearch.tuning.worker.training import look_steps


def plan_for(space: SearchSpace, dataset: Dataset, *, open_ended: bool = False) -> RungPlan:
    """Return the plan of a run; without an end where nothing but the time says how far it goes."""
    guess = draw(space, first_guess).training
    return plan_rungs(
        guess.epochs,
        images=len(dataset.x_train),
        batch_size=guess.batch_size,
        open_ended=open_ended,
        look_steps=look_steps(dataset, guess.batch_size),
    )
