"""A warning where a step of `phi` is far from doubling the cost, and nowhere else."""

from __future__ import annotations

import pytest
from tests.space.conftest import Load

from cnnsearch.space import load_space, shipped_spaces
from cnnsearch.space.scaling_rule import scaling_warnings


def spaces_text(scaling: str) -> str:
    return f"architecture:\n  stages: {{count: 1, width: 8}}\n  scaling: {{{scaling}}}\n"


@pytest.mark.parametrize(
    ("factors", "times"),
    [
        ("depth: 2, width: 2, resolution: 1", "8"),
        ("depth: 1, width: 1, resolution: 1", "1"),
        ("width: {values: [2, 3]}, depth: 1, resolution: 1", "4 to 9"),
        ("width: {values: [1, 3]}, depth: 1, resolution: 1", "1 to 9"),
        ("width: {min: 2, max: 3}, depth: 1, resolution: 1", "4 to 9"),
        ("width: {min: 2, max: 3, step: 0.01}, depth: 1, resolution: 1", "4 to 9"),
        ('width: {values: [2, 3], when: "phi == 1"}, depth: 2, resolution: 2', "9.68 to 72"),
    ],
)
def test_factors_that_do_not_double_the_cost_are_told(factors: str, times: str, load: Load) -> None:
    (warning,) = scaling_warnings(load(spaces_text(f"phi: {{values: [0, 1]}}, {factors}")))

    assert (warning.where, warning.path) == ("space.yaml:3:3", "architecture.scaling")
    assert warning.message == (
        f"each step of `phi` makes the network {times} times as expensive "
        "(depth * width^2 * resolution^2); the rule of compound scaling is about 2"
    )


@pytest.mark.parametrize(
    "scaling",
    [
        "phi: 1",  # the paper's factors are the defaults
        "phi: {min: 0, max: 2}, depth: 1.2, width: 1.1, resolution: 1.15",
        "phi: 1, depth: 2, width: 1, resolution: 1",
        "phi: 1, depth: 1, resolution: 1, width: {values: [1, 1.4, 3]}",  # one that does is enough
        "phi: 1, depth: 1, resolution: 1, width: {min: 1, max: 3}",
        "depth: 3.1, width: 2, resolution: 2.6786",  # those of one network: B7
    ],
)
def test_factors_that_may_double_it_or_are_not_raised_are_not_told(
    scaling: str, load: Load
) -> None:
    assert scaling_warnings(load(spaces_text(scaling))) == ()


@pytest.mark.parametrize("name", shipped_spaces())
def test_no_shipped_space_is_warned_of(name: str) -> None:
    assert scaling_warnings(load_space(name)) == ()
