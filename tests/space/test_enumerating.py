"""Every candidate, once, the first guess first."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from cnnsearch.space import SearchSpace, draw, first_guess, load_space
from cnnsearch.space.counting import count_candidates
from cnnsearch.space.enumerating import POINTS, enumerate_candidates

CONDITIONAL = """
name: conditional
architecture:
  stages:
    count: {min: 1, max: 3, prior: 2}
    block: {values: [conv, residual]}
    width: 8
    kernel_size: {values: [3, 5], per: stage}
training:
  optimizer: {values: [adamw, sgd], prior: sgd}
  weight_decay: {values: [0.01, 0.1], when: "optimizer == 'adamw'"}
"""


@pytest.fixture
def conditional(tmp_path: Path) -> SearchSpace:
    return _load(tmp_path, CONDITIONAL)


def _load(folder: Path, text: str) -> SearchSpace:
    (folder / "space.yaml").write_text(text, encoding="utf-8")
    return load_space(folder / "space.yaml")


def test_every_candidate_comes_once(conditional: SearchSpace) -> None:
    found = [str(candidate.settings) for candidate in enumerate_candidates(conditional)]

    assert len(set(found)) == len(found) == count_candidates(conditional).number == 84


def test_the_first_guess_comes_first(conditional: SearchSpace) -> None:
    assert next(enumerate_candidates(conditional)) == draw(conditional, first_guess)


def test_it_goes_on_after_any_candidate(conditional: SearchSpace) -> None:
    whole = list(enumerate_candidates(conditional))

    for number, candidate in enumerate(whole, start=1):
        assert list(enumerate_candidates(conditional, after=candidate.settings)) == whole[number:]


def test_settings_that_are_not_enumerated_have_nothing_before_them(
    conditional: SearchSpace,
) -> None:
    after = enumerate_candidates(conditional, after={"training.optimizer": "adam"})

    assert list(after) == list(enumerate_candidates(conditional))


@pytest.mark.parametrize(
    ("leaf", "values"),
    [
        ("{min: 0.0, max: 0.4}", [0.2, 0.1, 0.3, 0.0, 0.4]),
        ("{min: 0.0, max: 0.4, prior: 0.22}", [0.22, 0.3, 0.1, 0.4, 0.0]),
        ("{min: 0.0, max: 0.4, step: 0.2, prior: 0.4}", [0.4, 0.2, 0.0]),
    ],
)
def test_numbers_go_outwards_from_the_first_guess(
    tmp_path: Path, leaf: str, values: list[float]
) -> None:
    text = f"name: one\narchitecture: {{stages: {{count: 1, width: 8, dropout: {leaf}}}}}\n"
    found = enumerate_candidates(_load(tmp_path, text))

    assert [candidate.settings["architecture.stages.dropout"] for candidate in found] == values


def test_a_range_in_the_logarithm_is_halved_in_it(tmp_path: Path) -> None:
    text = "name: one\narchitecture: {stages: {count: 1, width: 8}}\n"
    text += "training: {learning_rate: {min: 1e-4, max: 1, log: true}}\n"
    found = enumerate_candidates(_load(tmp_path, text))

    rates = [candidate.settings["training.learning_rate"] for candidate in found]
    assert len(rates) == POINTS
    assert sorted(rates) == pytest.approx([1e-4, 1e-3, 1e-2, 1e-1, 1])  # type: ignore[type-var]


def test_a_space_without_end_begins_at_once() -> None:
    assert len(list(islice(enumerate_candidates(load_space("default")), 3))) == 3
