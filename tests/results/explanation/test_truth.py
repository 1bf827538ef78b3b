"""Whether the early looks told the truth is said of trials that were looked at on both rungs."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.records.trial import TrialRecord
from cnnsearch.results.explanation.truth import early_looks, same_order, spearman

scores = st.integers(0, 5).map(float)  # so few that many are equal
pairs = st.lists(st.tuples(scores, scores), min_size=2, max_size=30)


def trial(number: int, *values: float) -> TrialRecord:
    """Return a trial scored so after 60, 180 and 540 steps, as far as there are values."""
    looks = dict(zip((60, 180, 540), values, strict=False))
    return TrialRecord(number, "pruned", {}, 1, 1, looks=looks)


def test_the_same_order_is_one_and_the_reverse_is_none() -> None:
    rising = [(1.0, 10.0), (2.0, 20.0), (3.0, 40.0), (4.0, 80.0)]
    falling = [(early, -late) for early, late in rising]

    assert (same_order(rising), same_order(falling)) == (1, 0)
    assert spearman(rising) == pytest.approx(1)
    assert spearman(falling) == pytest.approx(-1)


def test_spearman_is_the_published_one() -> None:
    # Spearman's rho of ranks (1 2 3 4 5) and (2 1 4 3 5): 1 - 6 * 4 / (5 * 24)
    assert spearman([(1, 2), (2, 1), (3, 4), (4, 3), (5, 5)]) == pytest.approx(0.8)


@pytest.mark.parametrize("measure", [spearman, same_order])
def test_where_all_of_one_look_are_equal_there_is_no_order(measure: object) -> None:
    assert callable(measure)

    assert measure([(1.0, 2.0), (1.0, 3.0), (1.0, 4.0)]) is None


@given(pairs=pairs)
def test_the_share_in_the_same_order_is_that_of_all_twos(
    pairs: list[tuple[float, float]],
) -> None:
    products = [(a - c) * (b - d) for (a, b), (c, d) in combinations(pairs, 2)]
    kept, swapped = sum(p > 0 for p in products), sum(p < 0 for p in products)

    assert same_order(pairs) == (kept / (kept + swapped) if kept + swapped else None)


@given(pairs=pairs)
def test_a_look_that_is_measured_otherwise_ranks_the_same(
    pairs: list[tuple[float, float]],
) -> None:
    stretched = [(early**3, 2 * late + 1) for early, late in pairs]

    assert spearman(stretched) == pytest.approx(spearman(pairs))
    assert same_order(stretched) == same_order(pairs)


def test_each_rung_is_compared_with_the_next_and_the_first_with_the_last() -> None:
    trials = [trial(n, n / 10, n / 10, n / 10) for n in range(4)] + [trial(4, 0.0)]

    found = early_looks(trials)

    assert [(one["from_step"], one["to_step"], one["trials"]) for one in found] == [
        (60, 180, 4),
        (180, 540, 4),
        (60, 540, 4),
    ]
    assert all((one["spearman"], one["same_order"]) == (1, 1) for one in found)


def test_a_rung_that_hardly_any_trial_reached_tells_nothing() -> None:
    trials = [trial(n, n / 10, n / 10) for n in range(3)] + [trial(3, 0.5, 0.5, 0.5)]

    assert [(one["from_step"], one["to_step"]) for one in early_looks(trials)] == [(60, 180)]


def test_the_first_look_is_the_first_that_enough_trials_had() -> None:
    trials = [trial(0, 0.5, 0.6), trial(1, 0.4, 0.5), trial(2, 0.3, 0.4)]
    cut_short = TrialRecord(3, "stopped", {}, 1, 1, looks={50: 0.2})

    assert early_looks([*trials, cut_short]) == early_looks(trials) != []


def test_before_any_look_there_is_nothing_to_tell() -> None:
    assert early_looks([]) == early_looks([trial(0)]) == []
