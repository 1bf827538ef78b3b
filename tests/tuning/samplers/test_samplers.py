"""What every sampler promises, and what evolution promises besides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.tuning.conftest import LINE, LINE_PATH, LoadSpace, trial

from cnnsearch.records.study import FAILURES, State, TrialRecord
from cnnsearch.space import Candidate, SearchSpace, draw, random_chooser, replay
from cnnsearch.space.sections import SearchSection
from cnnsearch.tuning.samplers import SAMPLERS, Sampler
from cnnsearch.tuning.samplers.evolution import FIRST_RANDOM, POPULATION, TOURNAMENT

each_sampler = pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
each_history = pytest.mark.parametrize("length", [0, 1, FIRST_RANDOM, POPULATION + 10])
seeds = st.integers(0, 2**32)
given_seed = settings(  # the space is the same for all examples
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30
)


def random_history(space: SearchSpace, length: int) -> list[TrialRecord]:
    """Return trials of every kind of end, with settings and scores drawn at random."""
    rng = Random(length)
    ends: tuple[State, ...] = ("complete", "pruned", *FAILURES)
    return [
        trial(
            number,
            draw(space, random_chooser(rng)).settings,
            None if number % 5 == 3 else rng.random(),
            step=rng.choice([60, 180, 540]),
            state=ends[number % len(ends)] if number % 3 == 0 else "pruned",
        )
        for number in range(length)
    ]


def changed(parent: Candidate, child: Candidate) -> set[str]:
    """Return the settings that both have, and not with the same value."""
    both = parent.settings.keys() & child.settings.keys()
    return {path for path in both if parent.settings[path] != child.settings[path]}


def test_every_algorithm_that_the_yaml_may_name_is_known() -> None:
    assert set(SAMPLERS) == set(SearchSection.model_fields["algorithm"].annotation.__args__)  # type: ignore[union-attr]


@each_sampler
@each_history
@given(seed=seeds)
@given_seed
def test_a_candidate_is_one_of_the_space(
    varied: SearchSpace, sampler: Sampler, length: int, seed: int
) -> None:
    candidate = sampler(varied, random_history(varied, length), Random(seed))

    assert draw(varied, replay(candidate.settings)) == candidate


@each_sampler
@each_history
@given(seed=seeds)
@given_seed
def test_seed_and_history_decide(
    varied: SearchSpace, sampler: Sampler, length: int, seed: int
) -> None:
    history = random_history(varied, length)

    assert sampler(varied, history, Random(seed)) == sampler(varied, history, Random(seed))


@each_sampler
@each_history
def test_other_seeds_give_other_candidates(
    varied: SearchSpace, sampler: Sampler, length: int
) -> None:
    history = random_history(varied, length)

    drawn = {str(sampler(varied, history, Random(seed)).settings) for seed in range(20)}

    assert len(drawn) > 10


@each_sampler
@each_history
def test_the_history_is_left_as_it_was(varied: SearchSpace, sampler: Sampler, length: int) -> None:
    history = random_history(varied, length)
    before = list(history)

    sampler(varied, history, Random(0))

    assert history == before


@each_sampler
def test_a_space_without_anything_free_has_its_one_candidate(
    load: LoadSpace, sampler: Sampler
) -> None:
    space = load("architecture: {stages: {count: 1, width: 8}}\n")

    assert sampler(space, [trial(n, {}) for n in range(30)], Random(0)).settings == {}


def children(space: SearchSpace, history: Sequence[TrialRecord], count: int = 60) -> set[int]:
    """Return the values of the only setting in many children of the same history."""
    drawn = [SAMPLERS["evolution"](space, history, Random(seed)) for seed in range(count)]
    return {int(str(candidate.settings[LINE_PATH])) for candidate in drawn}


def line(values: Sequence[tuple[int, float]], **facts: object) -> list[TrialRecord]:
    """Return trials at these places of the line, with these scores."""
    make: Callable[..., TrialRecord] = trial
    return [make(n, {LINE_PATH: at}, score, **facts) for n, (at, score) in enumerate(values)]


@given(seed=seeds)
@given_seed
def test_evolution_changes_one_setting_and_what_it_makes_active(
    varied: SearchSpace, seed: int
) -> None:
    rng = Random(seed)
    parents = [draw(varied, random_chooser(rng)) for _ in range(TOURNAMENT)]
    history = [trial(n, parent.settings, n / 10) for n, parent in enumerate(parents)]
    parent = parents[-1]  # all take part in the tournament, and the last is the best

    child = SAMPLERS["evolution"](varied, history, rng)

    (path,) = changed(parent, child)
    new = child.settings.keys() - parent.settings.keys()
    gone = parent.settings.keys() - child.settings.keys()
    if path.endswith((".count", ".depth")):
        assert all(each.startswith("architecture.stages.") for each in new | gone)
    elif path == "training.optimizer":
        assert new | gone == {"training.weight_decay"}
    else:
        assert not new | gone


def test_evolution_moves_one_step_along_an_order(load: LoadSpace) -> None:
    history = line([(100 + 10 * n, n / 10) for n in range(TOURNAMENT)])

    assert children(load(LINE), history) == {169, 171}


def test_evolution_begins_at_random(load: LoadSpace) -> None:
    history = line([(100, 0.5)] * (FIRST_RANDOM - 1))

    assert len(children(load(LINE), history)) > 30
    assert children(load(LINE), [*history, trial(5, {LINE_PATH: 100})]) == {99, 101}


def test_trials_without_a_score_are_no_population(load: LoadSpace) -> None:
    history = line([(100, 0.5)] * (FIRST_RANDOM - 1))
    unscored = [trial(n, {LINE_PATH: 100}, None) for n in range(20)]

    assert len(children(load(LINE), [*history, *unscored])) > 30


@pytest.mark.parametrize("state", [each for each in FAILURES if each != "timed_out"])
def test_a_failed_trial_has_no_children(load: LoadSpace, state: State) -> None:
    good = line([(100, 0.1)] * TOURNAMENT)
    failed = line([(150, 0.9)] * POPULATION, state=state)

    assert children(load(LINE), [*good, *failed]) == {99, 101}


def test_the_old_die_however_good_they_were(load: LoadSpace) -> None:
    old = line([(150, 0.9)] * 10)
    young = line([(100, 0.1)] * POPULATION)

    assert children(load(LINE), [*old, *young]) == {99, 101}
    assert children(load(LINE), [*old, *young[1:]]) == {99, 101, 149, 151}


def test_the_further_a_trial_was_let_go_the_fitter_it_is(load: LoadSpace) -> None:
    early = line([(150, 0.9)] * (TOURNAMENT - 1), step=60)
    late = trial(7, {LINE_PATH: 100}, 0.5, step=180)

    assert children(load(LINE), [*early, late]) == {99, 101}


def test_of_trials_let_go_as_far_the_last_score_decides(load: LoadSpace) -> None:
    others = line([(150, 0.6)] * (TOURNAMENT - 1), step=180)
    fell = TrialRecord(7, "pruned", {LINE_PATH: 50}, 1, 1, looks={60: 0.9, 180: 0.5}, value=0.9)

    assert children(load(LINE), [*others, fell]) == {149, 151}


def test_where_less_is_better_the_least_has_children(load: LoadSpace) -> None:
    space = load(LINE + "objectives: {val_loss: min}\n")
    history = [*line([(150, 0.9)] * (TOURNAMENT - 1)), trial(7, {LINE_PATH: 100}, 0.5)]

    assert children(space, history) == {99, 101}


def test_random_search_takes_nothing_from_the_history(varied: SearchSpace) -> None:
    sampler = SAMPLERS["random"]

    assert sampler(varied, random_history(varied, 30), Random(7)) == sampler(varied, [], Random(7))
