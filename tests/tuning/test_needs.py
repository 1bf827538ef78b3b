"""What finishing the winner will take is learned from what its trial took."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.tuning.needs import (
    LATER_BUILDS,
    MARGIN,
    WRITING_S,
    Costs,
    annealing_steps,
    learned_needs,
)

seconds = st.floats(0, 1e4)
SMALL = Costs(build_s=2.0, step_s=0.05, evaluate_s=0.5)


def test_everything_after_the_annealing_is_counted() -> None:
    needs = learned_needs(SMALL, steps=600, tests=3.0, import_s=4.0)

    assert needs.before_s == pytest.approx(MARGIN * (2 + 0.5))
    assert needs.longest_s == pytest.approx(MARGIN * 600 * 0.05)
    once_for_the_look_and_thrice_for_the_test_s = 4 * 0.5
    assert needs.after_s == pytest.approx(
        MARGIN * (4 + WRITING_S + LATER_BUILDS * 2 + once_for_the_look_and_thrice_for_the_test_s)
    )


@given(build_s=seconds, step_s=seconds, evaluate_s=seconds, tests=st.floats(0, 100))
def test_what_costs_more_needs_no_less(
    build_s: float, step_s: float, evaluate_s: float, tests: float
) -> None:
    less = learned_needs(Costs(build_s, step_s, evaluate_s), steps=10, tests=tests, import_s=1.0)
    more = learned_needs(
        Costs(build_s + 1, step_s + 1, evaluate_s + 1), steps=11, tests=tests + 1, import_s=2.0
    )

    assert less.before_s < more.before_s
    assert less.longest_s < more.longest_s
    assert less.after_s < more.after_s


@pytest.mark.parametrize(
    ("trained", "steps"), [(0, 600), (1_000, 600), (20_000, 2_000), (100_000, 7_587)]
)
def test_a_network_is_annealed_for_a_tenth_of_its_training_or_as_long_as_is_usual(
    trained: int, steps: int
) -> None:
    assert annealing_steps(trained, most=7_587) == steps


@pytest.mark.parametrize(("trained", "steps"), [(2_999, 600), (3_000, 0), (20_000, 0)])
def test_a_network_that_was_trained_longer_than_is_usual_is_not_annealed(
    trained: int, steps: int
) -> None:
    assert annealing_steps(trained, most=7_587, usual=3_000) == steps


def test_without_annealing_no_network_is_built_before() -> None:
    needs = learned_needs(SMALL, steps=0, tests=3.0, import_s=4.0)

    assert not needs.anneals
    assert needs.before_s == pytest.approx(MARGIN * 0.5)
