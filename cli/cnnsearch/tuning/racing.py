"""How the time of a search is divided between the best trial so far and its challengers.

A search that ends at a fixed time is judged by what its winner has become by then. So the best
trial goes on for half of the time, or on one of several workers all the time, and the rest is for
challengers: a new one is begun, or goes on past a look, only while it could still be trained as far
as the best one has come.
"""

from __future__ import annotations

LEADER_SHARE = 0.5  # of the time of all trials
PLATEAU = 1.4  # times as far as its best look, without a better one: two looks of a long training
LEAST_S = 20.0  # before the best trial waits: a pause costs seconds to build and trace it again


def has_its_share(leader_s: float, all_s: float, *, workers: int) -> bool:
    """Tell whether the best trial waits for challengers.

    Args:
        leader_s: Seconds spent on the best trial.
        all_s: Seconds spent on all trials.
        workers: That search side by side; where there are several, challengers have the others.
    """
    return workers == 1 and leader_s >= max(LEAST_S, LEADER_SHARE * all_s)


def has_stopped_improving(step: int, scored_step: int) -> bool:
    """Tell whether the best trial ends: it is annealed, and inherited, from its best state.

    Args:
        step: Steps of the plan so far.
        scored_step: Those at its best look.
    """
    return step >= PLATEAU * scored_step


def can_overtake(seconds_to_leader: float | None, seconds_left: float) -> bool:
    """Tell whether a challenger can still come as far as the best trial.

    Args:
        seconds_to_leader: What training it as far as the best one would take; None: not known.
        seconds_left: Until the search ends.
    """
    return seconds_to_leader is None or seconds_to_leader <= (1 - LEADER_SHARE) * seconds_left
