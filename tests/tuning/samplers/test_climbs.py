"""Which trials a local search takes for one climb, told from the trials alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from tests.tuning.conftest import LINE, LINE_PATH, LoadSpace, line, trial

from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import SearchSpace, draw, first_guess
from cnnsearch.tuning.samplers import SAMPLERS
from cnnsearch.tuning.samplers.climbs import Climbs, climbs

STAGES = """
    architecture:
      stages: {count: {min: 1, max: 3}, width: 8, kernel_size: {values: [3, 5], per: stage}}
"""


def numbers(space: SearchSpace, history: Sequence[TrialRecord]) -> list[list[int]]:
    return [[trial.number for trial in climb.trials] for climb in climbs(space, history)]


def next_places(space: SearchSpace, history: Sequence[TrialRecord]) -> set[int]:
    drawn = (next(SAMPLERS["local"](space, history, Random(seed))) for seed in range(20))
    return {int(str(candidate.settings[LINE_PATH])) for candidate in drawn}


def test_steps_are_one_climb_and_another_begins_where_there_is_none(load: LoadSpace) -> None:
    history = line([(100, 0.5), (101, 0.6), (99, 0.4), (20, 0.1), (21, 0.2), (102, 0.3)])

    found = climbs(load(LINE), history)

    assert numbers(load(LINE), history) == [[0, 1, 2, 5], [3, 4]]
    assert [climb.best and climb.best.number for climb in found] == [1, 4]


def test_a_setting_that_comes_with_another_does_not_count(load: LoadSpace) -> None:
    space = load(STAGES)
    guess = draw(space, first_guess).settings
    count = "architecture.stages.count"
    more = {**guess, count: 3, "architecture.stages.2.blocks.0.kernel_size": 5}
    fewer = {path: value for path, value in {**guess, count: 1}.items() if ".1." not in path}

    assert guess[count] == 2
    assert numbers(space, [trial(n, each) for n, each in enumerate((guess, more, fewer))]) == [
        [0, 1, 2]
    ]


def test_what_was_proposed_from_a_best_that_is_none_any_more_begins_no_climb(
    load: LoadSpace,
) -> None:
    """Side by side, 101 was tried beside 99, and became better only when 98 had been tried too."""
    history = line([(100, 0.5), (99, 0.6), (101, 0.7), (98, 0.3)])

    assert numbers(load(LINE), history) == [[0, 1, 2, 3]]
    assert next_places(load(LINE), history) == {102}


def test_a_climb_that_turns_out_better_late_is_gone_on_with_when_the_latest_is_done(
    load: LoadSpace,
) -> None:
    late = line([(100, 0.5), (99, 0.4), (101, 0.6), (20, 0.1)])

    assert next_places(load(LINE), late) == {19, 21}
    done = [*late, *(trial(4 + n, {LINE_PATH: at}, 0.0) for n, at in enumerate((19, 21)))]
    assert next_places(load(LINE), done) == {102}


def test_a_start_that_has_no_score_yet_holds_up_no_other(load: LoadSpace) -> None:
    top = line([(100, 0.9), (101, 0.6), (99, 0.5)])
    running = trial(3, {LINE_PATH: 20}, None, state="running")

    assert len(next_places(load(LINE), [*top, running])) > 10


def test_until_the_first_guess_is_scored_other_workers_try_its_neighbours(
    load: LoadSpace,
) -> None:
    running = trial(0, {LINE_PATH: 100}, None, state="running")
    beside = trial(1, {LINE_PATH: 101}, None, state="running")

    assert next_places(load(LINE), [running]) == {99, 101}
    assert next_places(load(LINE), [running, beside]) == {99}


def test_where_the_first_guess_breaks_a_limit_a_neighbour_of_it_begins(load: LoadSpace) -> None:
    ideas = SAMPLERS["local"](load(LINE), [], Random(0))

    places = [int(str(next(ideas).settings[LINE_PATH])) for _ in range(3)]

    assert places[0] == 100
    assert sorted(places[1:]) == [99, 101]


def test_a_first_guess_that_failed_has_no_neighbours_worth_trying(load: LoadSpace) -> None:
    failed = trial(0, {LINE_PATH: 100}, None, state="diverged")

    assert len(next_places(load(LINE), [failed])) > 10


def test_what_failed_belongs_to_its_climb_and_is_never_its_best(load: LoadSpace) -> None:
    history = [*line([(100, 0.5)]), trial(1, {LINE_PATH: 101}, 0.9, state="diverged")]

    (climb,) = climbs(load(LINE), history)

    assert climb.best == history[0]
    assert next_places(load(LINE), history) == {99}


def test_an_earlier_run_is_one_climb_whose_trials_may_be_tried_again(load: LoadSpace) -> None:
    others = line([(10, 0.1), (100, 0.9), (101, 0.5), (99, 0.4)])
    earlier = [replace(each, earlier=True) for each in others]

    assert len(climbs(load(LINE), earlier)) == 1
    assert next_places(load(LINE), earlier) == {99, 101}


def test_climbs_of_trials_that_change_in_any_order_are_those_found_anew(load: LoadSpace) -> None:
    space, rng = load(LINE), Random(1)
    followed = Climbs(space)
    history: list[TrialRecord] = []
    for _ in range(300):
        number = rng.choice([len(history), rng.randrange(len(history) + 1)])
        score = rng.choice([None, rng.random()])
        place = (
            rng.randint(90, 110) if number == len(history) else history[number].settings[LINE_PATH]
        )
        history[number : number + 1] = [trial(number, {LINE_PATH: place}, score)]

        assert followed.of(history) == Climbs(space).of(history)

    assert len(followed.of(history)) > 1
    assert followed.of(history[:20]) == Climbs(space).of(history[:20])


def test_trials_that_have_not_changed_are_not_gone_through_again(
    load: LoadSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    space, history = load(LINE), line([(100, 0.5), (101, 0.6), (20, 0.1), (21, 0.2)])
    climbs(space, history[:3])
    judged: list[TrialRecord] = []

    def is_parent(trial: TrialRecord) -> bool:
        judged.append(trial)
        return True

    monkeypatch.setattr("cnnsearch.tuning.samplers.climbs.is_parent", is_parent)
    found = climbs(space, history)

    assert judged == history[3:]
    assert [[trial.number for trial in climb.trials] for climb in found] == [[0, 1], [2, 3]]
