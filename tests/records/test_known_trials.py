"""Trials are kept in order as they change, as if all of them were sorted anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.records.dominance import dominates
from cnnsearch.records.known_trials import KnownTrials
from cnnsearch.records.trial import FAILURES, State, TrialRecord

STATES: tuple[State, ...] = ("running", "complete", "pruned", *FAILURES)
scores = st.sampled_from([0.25, 0.5, 0.75])
# What becomes of each trial: the scores of its looks, its size and its state in the end.
stories = st.lists(
    st.tuples(st.lists(scores, max_size=3), st.sampled_from([100, 200]), st.sampled_from(STATES)),
    max_size=12,
)


def record(number: int, looks: Sequence[float], parameters: int, state: State) -> TrialRecord:
    return TrialRecord(
        number=number,
        state=state,
        settings={},
        parameters=parameters,
        macs=0,
        looks={60 * 3**rung: value for rung, value in enumerate(looks)},
        value=max(looks, default=None),
        values=(max(looks),) if looks else None,
    )


@given(stories, st.booleans())
def test_the_ranking_is_that_of_sorting_all(
    told: list[tuple[list[float], int, State]], maximize: bool
) -> None:
    known = KnownTrials(maximize=maximize)
    for number, (looks, parameters, state) in enumerate(told):
        for seen in range(len(looks) + 1):
            known.take_in(record(number, looks[:seen], parameters, "running"))
        known.take_in(record(number, looks, parameters, state))

    ranking = known.ranking()

    sign = -1 if maximize else 1
    able = [trial for trial in known.all() if trial.value is not None and not trial.failed]
    assert ranking == sorted(
        able, key=lambda trial: (sign * (trial.value or 0), trial.parameters, trial.number)
    )


@given(stories, st.booleans())
def test_the_front_is_what_no_other_trial_dominates_and_begins_with_the_best(
    told: list[tuple[list[float], int, State]], maximize: bool
) -> None:
    known = KnownTrials(maximize=maximize)
    for number, (looks, parameters, state) in enumerate(told):
        ended = record(number, looks, parameters, state)
        values = ended.values and (*ended.values, float(parameters))
        known.take_in(replace(ended, values=values))

    front = known.front()

    points = {trial.number: known.point(trial) for trial in known.ranking()}
    undominated = {
        point
        for point in points.values()
        if not any(dominates(it, point) for it in points.values())
    }
    assert sorted(known.point(trial) for trial in front) == sorted(undominated)
    assert front[:1] == known.ranking()[:1]


@given(stories, st.booleans())
def test_the_front_of_one_objective_is_the_best(
    told: list[tuple[list[float], int, State]], maximize: bool
) -> None:
    known = KnownTrials(maximize=maximize)
    for number, (looks, parameters, state) in enumerate(told):
        known.take_in(record(number, looks, parameters, state))

    assert known.front() == known.ranking()[:1]


@given(values=st.lists(scores, min_size=1, max_size=20), maximize=st.booleans())
def test_where_a_trial_stands_is_told_among_those_that_came_so_far(
    values: list[float], maximize: bool
) -> None:
    known = KnownTrials(maximize=maximize)
    known.take_in(record(0, [0.5], 100, "running"))
    for number, value in enumerate(values):  # the first is looked at again
        known.take_in(record(number, [value, 0.5][: 1 + number % 2], 100, "pruned"))
    known.take_in(record(len(values), [], 100, "diverged"))

    for number, value in enumerate(values):
        others = values[:number] + values[number + 1 :]
        as_good = sum(other >= value if maximize else other <= value for other in others)
        assert known.standing(number, 60) == (as_good, len(others))
    if len(values) > 1:
        assert known.standing(1, 180) == (len(values) // 2 - 1, len(values) // 2 - 1)


@pytest.mark.parametrize("state", [state for state in STATES if state != "running"])
def test_a_trial_is_unfinished_until_it_ends(state: State) -> None:
    known = KnownTrials(maximize=True)
    running = record(0, [0.5], 100, "running")
    known.take_in(running)
    before = known.unfinished
    assert known.ended(state) == 0

    known.take_in(replace(running, state=state))

    assert (before, known.unfinished, len(known)) == ([0], [], 1)
    assert known.ended(state) == 1


def test_lists_once_given_do_not_change() -> None:
    known = KnownTrials(maximize=True)
    known.take_in(record(0, [0.5], 100, "complete"))
    trials, ranking = known.all(), known.ranking()

    known.take_in(record(1, [0.75], 100, "complete"))

    assert len(trials) == len(ranking) == 1
