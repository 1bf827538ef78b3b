"""Limits of the space against the costs of an architecture."""

from __future__ import annotations

import pytest

from cnnsearch.architecture import IMAGE, Architecture, violations
from cnnsearch.architecture.graph import GraphBuilder
from cnnsearch.architecture.layers import Dense, Flatten
from cnnsearch.architecture.limits import QUANTITIES
from cnnsearch.space import Constraint
from cnnsearch.space.constraints import Operator
from cnnsearch.space.sections import ConstraintsSection


def architecture() -> Architecture:
    graph = GraphBuilder((10, 10, 1))
    graph.append("classes", Dense(10), graph.append("flat", Flatten(), IMAGE))
    return graph.finish(classes=10)  # 1,000 MACs and 1,010 parameters


def test_every_quantity_that_the_yaml_may_limit_is_known() -> None:
    assert set(QUANTITIES) == set(ConstraintsSection.model_fields)


def test_no_limit_is_never_broken() -> None:
    assert violations(architecture(), ()) == []


def test_every_broken_limit_gets_a_line_in_the_order_of_the_space() -> None:
    limits = (
        Constraint("macs", ">=", 2_000_000),
        Constraint("parameters", "<=", 1_010),
        Constraint("parameters", "<", 1_010),
    )

    assert violations(architecture(), limits) == [
        "macs 1,000 < 2,000,000",
        "parameters 1,010 >= 1,010",
    ]


@pytest.mark.parametrize(
    ("operator", "broken"),
    [
        ("<=", [999]),
        ("<", [999, 1_000]),
        (">=", [1_001]),
        (">", [1_000, 1_001]),
        ("==", [999, 1_001]),
    ],
)
def test_a_limit_holds_as_it_reads(operator: Operator, broken: list[int]) -> None:
    limits = {limit: Constraint("macs", operator, limit) for limit in (999, 1_000, 1_001)}

    assert [n for n, limit in limits.items() if violations(architecture(), [limit])] == broken
