from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.data.splits import random_keys, stratified_split

SHARES = st.floats(0.01, 0.99)
CLASS_SIZES = st.lists(st.integers(2, 40), min_size=1, max_size=5)


def _labels(sizes: list[int], seed: int) -> np.ndarray:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    return np.random.default_rng(seed).permutation(labels)


@given(CLASS_SIZES, SHARES, st.integers(0, 2**32))
def test_each_example_is_on_exactly_one_side(sizes: list[int], share: float, seed: int) -> None:
    labels = _labels(sizes, seed)

    kept, held_out = stratified_split(labels, share, seed)

    assert sorted([*kept, *held_out]) == list(range(len(labels)))


@given(CLASS_SIZES, SHARES, st.integers(0, 2**32))
def test_each_class_gives_its_share_and_has_examples_on_both_sides(
    sizes: list[int], share: float, seed: int
) -> None:
    labels = _labels(sizes, seed)

    kept, held_out = stratified_split(labels, share, seed)

    for label, size in enumerate(sizes):
        held = int((labels[held_out] == label).sum())
        assert 1 <= held <= size - 1
        assert abs(held - share * size) <= 1
        assert int((labels[kept] == label).sum()) == size - held


@given(CLASS_SIZES, SHARES, st.integers(0, 2**32))
def test_the_same_seed_splits_the_same(sizes: list[int], share: float, seed: int) -> None:
    labels = _labels(sizes, 1)

    first, second = stratified_split(labels, share, seed), stratified_split(labels, share, seed)

    assert [side.tolist() for side in first] == [side.tolist() for side in second]


def test_another_seed_splits_differently() -> None:
    labels = np.repeat([0, 1], 50)

    one, two = stratified_split(labels, 0.5, 1)[1], stratified_split(labels, 0.5, 2)[1]

    assert one.tolist() != two.tolist()


def test_the_order_of_a_seed_is_the_same_in_every_version() -> None:
    assert np.argsort(random_keys(8, 7)).tolist() == [6, 3, 4, 0, 2, 7, 5, 1]


@given(st.integers(10, 100), st.integers(0, 100), st.integers(0, 20))
def test_by_keys_few_change_sides_when_examples_are_added(
    before: int, seed: int, added: int
) -> None:
    keys = random_keys(before + added, seed)

    old = stratified_split(np.zeros(before, np.int64), 0.2, seed, keys=keys[:before])[1]
    new = stratified_split(np.zeros(before + added, np.int64), 0.2, seed, keys=keys)[1]

    assert len(set(old) - set(new)) <= added


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
def test_a_share_that_leaves_a_side_empty_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        stratified_split(np.array([0, 0, 1, 1]), share, 1)


def test_a_class_with_one_example_is_refused() -> None:
    with pytest.raises(ValueError, match="class 1 has one example"):
        stratified_split(np.array([0, 0, 1]), 0.5, 1)
