"""How a winner was trained on after the look that it was scored at, in the same words anywhere."""

from __future__ import annotations

from cnnsearch.space.quantities import plural


def trained_on(scored_step: int | None, step: int | None, annealed_steps: int | None) -> str | None:
    """Return what lies between a winner's score in the search and its exported state.

    A trial trains on after its last look until the search is over, and annealing begins there: so
    the steps are told of both, and their sum leads from the one step to the other.
    """
    annealed = annealed_steps or 0
    searched = 0 if scored_step is None or step is None else step - annealed - scored_step
    steps = ((searched, "in the search"), (annealed, "with the learning rate annealed"))
    told = [(count, where) for count, where in steps if count > 0]
    if not told:
        return None
    (count, where), *others = told
    first = f"{plural(count, 'more step')} {where}"
    return " and ".join([first, *(f"{count:,} {where}" for count, where in others)])
