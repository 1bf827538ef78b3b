"""What evolution promises besides the contract of all samplers."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.tuning.conftest import LINE, LINE_PATH, LoadSpace, line, random_history, trial

from cnnsearch.records.trial import FAILURES, State, TrialRecord
from cnnsearch.space import Candidate, SearchSpace, draw, first_guess, random_chooser
from cnnsearch.tuning.samplers import SAMPLERS
from cnnsearch.tuning.samplers import evolution as evolution_module
from cnnsearch.tuning.samplers.evolution import POPULATION, TOURNAMENT

seeds = st.integers(0, 2**32)
given_seed = settings(  # the space is the same for all examples
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30
)


@pytest.fixture
def bred(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the candidates that are drawn anew, so that all are children."""
    monkeypatch.setattr(evolution_module, "EXPLORE", 0)


def changed(parent: Candidate, child: Candidate) -> set[str]:
    """Return the settings that both have, and not with the same value."""
    both = parent.settings.keys() & child.settings.keys()
    return {path for path in both if parent.settings[path] != child.settings[path]}


def children(space: SearchSpace, history: Sequence[TrialRecord], count: int = 60) -> set[int]:
    """Return the values of the only setting in many children of the same history."""
    drawn = [next(SAMPLERS["evolution"](space, history, Random(seed))) for seed in range(count)]
    return {int(str(candidate.settings[LINE_PATH])) for candidate in drawn}


@pytest.mark.usefixtures("bred")
@given(seed=seeds)
@given_seed
def test_evolution_changes_one_setting_and_what_it_makes_active(
    varied: SearchSpace, seed: int
) -> None:
    rng = Random(seed)
    parents = [draw(varied, random_chooser(rng)) for _ in range(TOURNAMENT)]
    history = [trial(n, parent.settings, n / 10) for n, parent in enumerate(parents)]
    parent = parents[-1]  # all take part in the tournament, and the last is the best

    child = next(SAMPLERS["evolution"](varied, history, rng))

    (path,) = changed(parent, child)
    new = child.settings.keys() - parent.settings.keys()
    gone = parent.settings.keys() - child.settings.keys()
    if path.endswith((".count", ".depth")):
        assert all(each.startswith("architecture.stages.") for each in new | gone)
    elif path == "training.optimizer":
        assert new | gone == {"training.weight_decay"}
    else:
        assert not new | gone


@pytest.mark.usefixtures("bred")
def test_evolution_moves_one_step_along_an_order(load: LoadSpace) -> None:
    history = line([(100 + 5 * n, n / 10) for n in range(TOURNAMENT)])

    assert children(load(LINE), history) == {174, 176}


def test_evolution_begins_near_the_first_guess(varied: SearchSpace) -> None:
    history = random_history(varied, 2)
    guess = draw(varied, first_guess)

    drawn = [next(SAMPLERS["evolution"](varied, history, Random(seed))) for seed in range(60)]

    assert {len(changed(guess, candidate)) for candidate in drawn} <= {0, 1, 2}  # 0: and back again
    assert len({str(candidate.settings) for candidate in drawn}) > 20


def test_what_lies_far_from_every_parent_is_still_looked_at(load: LoadSpace) -> None:
    history = line([(100, 0.5)] * POPULATION)

    found = children(load(LINE), history, 300)

    assert {99, 101} < found
    assert 5 < len(found) < 40  # one in twenty


@pytest.mark.usefixtures("bred")
def test_trials_without_a_score_are_no_population(load: LoadSpace) -> None:
    unscored = [trial(n, {LINE_PATH: 150}, None) for n in range(20)]

    assert children(load(LINE), [*line([(100, 0.5)] * 4), *unscored]) == {99, 101}


def test_where_the_first_trial_failed_the_next_are_drawn_at_random(load: LoadSpace) -> None:
    history = line([(100, 0.5)], state="diverged")

    assert len(children(load(LINE), history)) > 30


@pytest.mark.parametrize("state", [each for each in FAILURES if each != "timed_out"])
@pytest.mark.usefixtures("bred")
def test_a_failed_trial_has_no_children(load: LoadSpace, state: State) -> None:
    good = line([(100, 0.1)] * TOURNAMENT)
    failed = line([(150, 0.9)] * POPULATION, state=state)

    assert children(load(LINE), [*good, *failed]) == {99, 101}


@pytest.mark.usefixtures("bred")
def test_the_old_die_however_good_they_were(load: LoadSpace) -> None:
    old = line([(150, 0.9)] * 10)
    young = line([(100, 0.1)] * POPULATION)

    assert children(load(LINE), [*old, *young]) == {99, 101}
    assert children(load(LINE), [*old, *young[1:]]) == {99, 101, 149, 151}


@pytest.mark.usefixtures("bred")
def test_the_further_a_trial_was_let_go_the_fitter_it_is(load: LoadSpace) -> None:
    early = line([(150, 0.9)] * (TOURNAMENT - 1), step=60)
    late = trial(7, {LINE_PATH: 100}, 0.5, step=180)

    assert children(load(LINE), [*early, late]) == {99, 101}


@pytest.mark.usefixtures("bred")
def test_of_trials_let_go_as_far_the_last_score_decides(load: LoadSpace) -> None:
    others = line([(150, 0.6)] * (TOURNAMENT - 1), step=180)
    fell = TrialRecord(7, "pruned", {LINE_PATH: 50}, 1, 1, looks={60: 0.9, 180: 0.5}, value=0.9)

    assert children(load(LINE), [*others, fell]) == {149, 151}


@pytest.mark.usefixtures("bred")
def test_where_less_is_better_the_least_has_children(load: LoadSpace) -> None:
    space = load(LINE + "objectives: {val_loss: min}\n")
    history = [*line([(150, 0.9)] * (TOURNAMENT - 1)), trial(7, {LINE_PATH: 100}, 0.5)]

    assert children(space, history) == {99, 101}
