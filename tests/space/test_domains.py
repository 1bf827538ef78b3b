"""What a setting may be: every kind of domain keeps the same promises."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.space import Choice, Domain, RealRange, Setting, WholeRange
from cnnsearch.space.domains import choice

DOMAINS: list[Domain] = [
    choice(("relu", "swish", "tanh")),
    choice((1.5, 2.0, 3.0)),
    choice(([], [128], [256, 256])),
    choice((None, 28)),
    choice((True, 1)),
    WholeRange(1, 4),
    WholeRange(0, 12, step=4),
    WholeRange(1, 5_000, log=True),
    RealRange(0.0, 0.3, step=0.1),
    RealRange(-1.0, 1.0),
    RealRange(1e-4, 1e-1, log=True),
]
each_domain = pytest.mark.parametrize("domain", DOMAINS, ids=repr)
seeds = st.integers(0, 2**32)


@each_domain
@given(seed=seeds)
def test_what_is_drawn_is_contained(domain: Domain, seed: int) -> None:
    assert domain.contains(domain.draw(random.Random(seed)))


@each_domain
@given(seed=seeds)
def test_neighbours_are_contained_and_differ(domain: Domain, seed: int) -> None:
    rng = random.Random(seed)
    value = domain.draw(rng)

    neighbours = domain.neighbours(value, rng)

    assert neighbours
    assert all(domain.contains(each) for each in neighbours)
    assert not any(Choice((value,)).contains(each) for each in neighbours)


@each_domain
@given(seed=seeds)
def test_a_value_survives_json(domain: Domain, seed: int) -> None:
    value = domain.draw(random.Random(seed))

    again = json.loads(json.dumps(value))

    assert domain.contains(again)
    assert domain.canonical(again) == value


@each_domain
def test_the_middle_is_contained(domain: Domain) -> None:
    assert domain.contains(domain.middle())


@pytest.mark.parametrize("domain", [d for d in DOMAINS if (d.size() or 1_000) < 20], ids=repr)
def test_the_size_counts_the_values(domain: Domain) -> None:
    rng = random.Random(1)

    drawn = {json.dumps(domain.draw(rng)) for _ in range(500)}

    assert len(drawn) == domain.size()


def test_a_continuous_range_has_no_size() -> None:
    assert RealRange(0, 1).size() is None


def test_only_numbers_in_order_are_ordinal() -> None:
    assert [choice(v).ordinal for v in ((1, 2, 4), (4, 2), (1, 4, 2), ("a", "b"), (0, None))] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_an_ordinal_choice_has_the_next_values_as_neighbours() -> None:
    assert choice((16, 24, 32, 64)).neighbours(24, random.Random(0)) == (16, 32)


def test_steps_are_exact_decimals() -> None:
    steps = RealRange(0, 0.7, step=0.1)

    assert {steps.draw(random.Random(seed)) for seed in range(200)} == {
        0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7,
    }  # fmt: skip


def test_true_is_not_one() -> None:
    assert not choice((1, 2)).contains(True)
    assert not WholeRange(0, 1).contains(True)
    assert not RealRange(0, 1).contains(False)


def test_log_draws_each_power_of_ten_as_often() -> None:
    domain, rng = RealRange(1e-4, 1e-1, log=True), random.Random(1)

    small = sum(float(str(domain.draw(rng))) < 1e-3 for _ in range(3_000))

    assert 850 < small < 1_150


def test_the_first_guess_is_the_prior_else_the_middle() -> None:
    assert Setting("a", WholeRange(1, 4), prior=3).first_guess() == 3
    assert Setting("a", WholeRange(1, 4)).first_guess() == 2
    assert Setting("a", choice(("x", "y"))).first_guess() == "x"
    assert Setting("a", RealRange(1e-4, 1e-2, log=True)).first_guess() == 1e-3
