"""Limits of the space against the costs of an architecture."""

from __future__ import annotations

import pytest

from cnnsearch.architecture import IMAGE, Architecture
from cnnsearch.architecture.graph import GraphBuilder
from cnnsearch.architecture.layers import Dense, Flatten
from cnnsearch.architecture.limits import (
    QUANTITIES,
    TRAINING_QUANTITIES,
    Miss,
    NearestMisses,
    measured_misses,
    misses,
)
from cnnsearch.space import LATENCIES, Constraint, TrainingSettings
from cnnsearch.space.constraints import Operator
from cnnsearch.space.sections import ConstraintsSection


def architecture() -> Architecture:
    graph = GraphBuilder((10, 10, 1))
    graph.append("classes", Dense(10), graph.append("flat", Flatten(), IMAGE))
    return graph.finish(classes=10)  # 1,000 MACs and 1,010 parameters


def test_every_quantity_that_the_yaml_may_limit_is_known() -> None:
    known = {**QUANTITIES, **TRAINING_QUANTITIES}

    assert {*known, *LATENCIES} == set(ConstraintsSection.model_fields)
    assert len(known) == len(QUANTITIES) + len(TRAINING_QUANTITIES)


def test_each_quantity_of_a_network_that_can_be_counted_by_hand() -> None:
    amounts = {name: quantity(architecture()) for name, quantity in QUANTITIES.items()}

    assert amounts == {
        "parameters": 1_010,
        "macs": 1_000,
        "flops": 2_000,
        "layers": 1,
        "receptive_field": 1,
        "download_size": 4_040,
        "activation_memory": 4 * (100 + 10),
    }


def test_no_limit_is_never_broken() -> None:
    assert misses(architecture(), ()) == []


def test_every_broken_limit_gets_a_line_in_the_order_of_the_space() -> None:
    limits = (
        Constraint("macs", ">=", 2_000_000),
        Constraint("parameters", "<=", 1_010),
        Constraint("parameters", "<", 1_010),
    )

    assert list(map(str, misses(architecture(), limits))) == [
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

    assert [n for n, limit in limits.items() if misses(architecture(), [limit])] == broken


def test_training_memory_depends_on_the_batch_and_the_optimizer() -> None:
    limit = Constraint("training_memory", "<=", 1)
    training = TrainingSettings(optimizer="sgd", batch_size=10)

    (miss,) = misses(architecture(), [limit], training)

    # weights, gradients and momentum; then each image
    assert miss.amount == 3 * 4_040 + 10 * 4 * 100
    with pytest.raises(ValueError, match="depends on how the candidate is trained"):
        misses(architecture(), [limit])


@pytest.mark.parametrize(
    ("limit", "line"),
    [
        (2_000_000, "download_size 4.04 kB < 2 MB"),
        (4_041, "download_size 4,040 bytes < 4,041 bytes"),
    ],
)
def test_a_size_is_told_in_units_that_tell_it_from_the_limit(limit: int, line: str) -> None:
    found = misses(architecture(), [Constraint("download_size", ">=", limit)])
    assert list(map(str, found)) == [line]


def test_a_measured_limit_is_judged_by_what_was_measured() -> None:
    limits = [Constraint("latency", "<=", 5_000), Constraint("latency_batch64", "<", 90_000)]

    assert misses(architecture(), limits) == []
    broken = measured_misses({"latency": 7.25, "latency_batch64": 89.0}, limits)
    assert [str(miss) for miss in broken] == ["latency 7.25 ms > 5 ms"]
    assert [str(miss) for miss in measured_misses({"latency": 5.0004}, limits)] == []
    assert [str(miss) for miss in measured_misses({"latency": 5.001}, limits)] == [
        "latency 5,001 us > 5,000 us"
    ]


@pytest.mark.parametrize("operator", ["<=", ">=", "=="])
def test_of_all_misses_the_nearest_is_remembered(operator: Operator) -> None:
    nearest, limit = NearestMisses(), Constraint("macs", operator, 1_000)
    amounts = {"<=": [3_000, 1_200, 9_000], ">=": [3, 900, 70], "==": [3_000, 900, 3]}[operator]

    for amount in amounts:
        nearest.note([Miss(limit, amount)])

    shown = {"<=": "macs 1,200 > 1,000", ">=": "macs 900 < 1,000", "==": "macs 900 != 1,000"}
    assert str(nearest) == shown[operator]
