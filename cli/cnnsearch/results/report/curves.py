"""How a run came to its score: over time, over the plan's steps, and against networks' costs."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from cnnsearch.records.dominance import undominated
from cnnsearch.records.events import Event
from cnnsearch.records.tally import MAY_WIN
from cnnsearch.results.ranking import cost as cost_of
from cnnsearch.results.ranking import may_win


def over_time(
    events: Sequence[Event], trials: Sequence[Mapping[str, Any]], *, maximize: bool
) -> dict[str, Any]:
    """Return every look with its time, the best score so far, and the final figures.

    Times are run times in seconds. Of `trials`, those of the summary, the ones that failed in the
    end are nowhere the best.
    """
    failed = {trial["number"] for trial in trials if trial["state"] not in MAY_WIN}
    looks = [
        {
            "elapsed_s": event["elapsed_s"],
            "trial": event["trial"],
            "step": event["step"],
            "value": event["value"],
        }
        for event in events
        if event["event"] == "look" and _has_numbers(event, "elapsed_s", "trial", "step", "value")
    ]
    return {
        "looks": looks,
        "best": _best_so_far(looks, failed, maximize=maximize),
        "finished": _last(events, "finished", ("elapsed_s", "trial", "value")),
        "tested": _last(events, "tested", ("elapsed_s", "accuracy", "low", "high", "count")),
    }


def _best_so_far(
    looks: Sequence[Mapping[str, Any]], failed: Collection[int], *, maximize: bool
) -> list[dict[str, Any]]:
    sign = 1 if maximize else -1
    best: list[dict[str, Any]] = []
    may_be = (look for look in looks if look["trial"] not in failed)
    for look in sorted(may_be, key=lambda look: float(look["elapsed_s"])):
        if not best or sign * look["value"] > sign * best[-1]["value"]:
            best.append(dict(look))
    return best


def _last(events: Sequence[Event], kind: str, keys: Sequence[str]) -> dict[str, Any] | None:
    found = [event for event in events if event["event"] == kind and _has_numbers(event, *keys)]
    return {key: found[-1][key] for key in keys} if found else None


def _has_numbers(event: Event, *keys: str) -> bool:
    return all(_is_number(event.get(key)) for key in keys)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def costs_fronts(summary: Mapping[str, Any], *, maximize: bool) -> list[dict[str, Any]]:
    """Return the front of the score and each cost, see `cost_front`.

    The costs are the objectives after the first; of a run with one objective, parameters and MACs.
    """
    _, *costs = summary["run"]["objectives"]
    return [
        cost_front(summary["trials"], cost, maximize=maximize)
        for cost in costs or ["parameters", "macs"]
    ]


def cost_front(trials: Sequence[Mapping[str, Any]], cost: str, *, maximize: bool) -> dict[str, Any]:
    """Return the trials of a summary as points, those on the front of score and cost marked.

    Equal trials are all on the front: none of them dominates another.
    """
    sign = -1 if maximize else 1
    own = [
        (trial, (amount, sign * trial["value"]))
        for trial in trials
        if may_win(trial) and (amount := cost_of(trial, cost)) is not None
    ]
    places = [place for _, place in own]
    front = {places[index] for index in undominated(places)}
    points = [
        {
            "trial": trial["number"],
            "value": trial["value"],
            "cost": place[0],
            "on_front": place in front,
        }
        for trial, place in own
    ]
    return {"cost": cost, "points": points}
