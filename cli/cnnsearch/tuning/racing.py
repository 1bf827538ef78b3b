"""How the time of a search is divided between the best trial so far and its challengers.

A search that ends at a fixed time is judged by what its winner has become by then. So the best
trial goes on for half of the time, or on one of several workers all the time, and the rest is for
challengers: a new one is begun, or goes on past a look, only while it could still be trained until
it should have caught up with the best. One that has begun and does well has all of the time that is
left for it, unless a single worker has to train both.

How far a challenger is trained before it is compared grows with the time that is left, as the least
training of a bracket of Hyperband does with the whole (Li et al. 2018, arXiv:1603.06560): what
learns slowly, such as a wide network or one with much regularisation, looks worse at first than it
is, and only where there is little time must that be good enough.

A network that costs more a step learns more in it. As a rule of thumb, one whose step costs k times
as much is as good after a √k-th of the steps: where time is spent best, the size of a network and
its steps grow alike (Hoffmann et al. 2022, arXiv:2203.15556). And where the best trial was at its
best long before the time is over, larger networks have their turn first.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, sqrt

LEADER_SHARE = 0.5  # of the time of all trials
PLATEAU = 1.4  # times as far as its best look, without a better one
PLATEAU_LOOKS = 2  # after the best one, at least: a single one may have been bad luck
STRANGER_SHARE = 1 / 40  # of the time left: challengers have half, for about 20 to choose from
HEIR_SHARE = 1 / 4  # the same for an heir, which has to get over the change first
HEIR_STEPS = 0.1  # of those that its parent took, at least: the search's end looks at it
AMPLE = 10  # times what the best trial's training took: then there is time for larger networks
LEAST_S = 20.0  # before the best trial waits: a pause costs seconds to build and trace it again


def has_its_share(leader_s: float, all_s: float, *, workers: int) -> bool:
    """Tell whether the best trial waits for challengers.

    Args:
        leader_s: Seconds spent on the best trial.
        all_s: Seconds spent on all trials.
        workers: That search side by side; where there are several, challengers have the others.
    """
    return workers == 1 and leader_s >= max(LEAST_S, LEADER_SHARE * all_s)


def has_stopped_improving(looks: Iterable[int], scored_step: int) -> bool:
    """Tell whether the best trial ends: it is annealed, and inherited, from its best state.

    Args:
        looks: Steps of the plan at which it was scored.
        scored_step: Those at its best look.
    """
    since = [step for step in looks if step > scored_step]
    return len(since) >= PLATEAU_LOOKS and max(since) >= PLATEAU * scored_step


def is_compared(seconds_to_next_rung: float, seconds_left: float) -> bool:
    """Tell whether a challenger is compared at a rung: not where the next one costs little.

    Args:
        seconds_to_next_rung: Of the whole training up to there.
        seconds_left: Until the search ends.
    """
    return seconds_to_next_rung > STRANGER_SHARE * seconds_left


def heir_is_compared(seconds: float, parent_s: float, seconds_left: float) -> bool:
    """Tell whether a trial is compared that began with the weights of another.

    Args:
        seconds: Spent on it.
        parent_s: Spent on the other; as many are enough to see what the change leads to.
        seconds_left: Until the search ends.
    """
    return seconds >= min(parent_s, HEIR_SHARE * seconds_left)


def steps_to_catch_up(steps: int, cost_ratio: float | None) -> int:
    """Return the steps after which a challenger is as far as another was after `steps`.

    Args:
        steps: Of the plan.
        cost_ratio: What its step costs, as a multiple of one of the other; None: not known.
    """
    return ceil(steps / sqrt(max(1.0, cost_ratio or 1.0)))


def is_ample(seconds_left: float, best_s: float | None) -> bool:
    """Tell whether there is time for networks that are much larger than the best one.

    Args:
        seconds_left: Until the search ends.
        best_s: What training the best one up to its best look would take; None: not known.
    """
    return best_s is not None and seconds_left >= AMPLE * best_s


def may_begin(seconds_to_catch_up: float | None, seconds_left: float) -> bool:
    """Tell whether a challenger begins: not one that could catch up with the best at most.

    Args:
        seconds_to_catch_up: What training it until it should have would take; None: not known.
        seconds_left: Until the search ends.
    """
    return can_overtake(seconds_to_catch_up, seconds_left, workers=1)


def can_overtake(seconds_to_catch_up: float | None, seconds_left: float, *, workers: int) -> bool:
    """Tell whether a challenger that did well so far can still catch up with the best trial.

    Args:
        seconds_to_catch_up: What training it until it should have would take; None: not known.
        seconds_left: Until the search ends.
        workers: That search side by side; a single one has to train the best trial as well.
    """
    share = 1.0 if workers > 1 else 1 - LEADER_SHARE
    return seconds_to_catch_up is None or seconds_to_catch_up <= share * seconds_left
