"""A fault is certain where every candidate has one, and only there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cnnsearch.architecture import InfeasibleError, describe
from cnnsearch.architecture.certainty import certain_faults
from cnnsearch.space import Candidate, SearchSpace, Setting, Value, draw, load_space
from cnnsearch.space.yaml_text import yaml_text

MOST_CANDIDATES = 400


def every_candidate(space: SearchSpace) -> Iterator[Candidate]:
    """Yield all candidates: the last value that has a next one takes it, until none has."""
    numbers: list[int] = []
    while True:
        sizes: list[int] = []

        def choose(setting: Setting) -> Value:
            sizes.append(setting.domain.size() or 0)  # noqa: B023  # used within this turn only
            number = numbers[len(sizes) - 1] if len(sizes) <= len(numbers) else 0  # noqa: B023
            return setting.domain.at(number)

        yield draw(space, choose)
        numbers += [0] * (len(sizes) - len(numbers))
        while numbers and numbers[-1] == sizes[len(numbers) - 1] - 1:
            numbers.pop()
        if not numbers:
            return
        numbers[-1] += 1


def is_possible(candidate: Candidate, shape: tuple[int, int, int]) -> bool:
    try:
        describe(candidate.architecture, shape, 10)
    except InfeasibleError:
        return False
    return True


def either(*values: Any) -> st.SearchStrategy[Any]:
    """Return one of the values, or a choice among two of them."""
    pairs = st.lists(st.sampled_from(values), min_size=2, max_size=2, unique_by=repr)
    return st.sampled_from(values) | pairs.map(lambda pair: {"values": pair})


def drawn_for_each(leaf: Any, per: str) -> Any:
    return {**leaf, "per": per} if isinstance(leaf, dict) else leaf


ROW = {
    "depth": either(1, 2),
    "groups": either(1, 2, 3),
    "kernel_size": either(1, 3, 5, 9),
    "dilation": either(1, 1, 2),
    "padding": either("same", "valid", 1),
    "squeeze_ratio": either(0, 0, 0.15, 0.5),
    "pooling": either("none", "max", "stride"),
    "pooling_size": either(2, 3),
    "block": either("conv", "conv", "residual", "bottleneck"),
}
NETWORK = st.fixed_dictionaries(
    {},
    optional={
        "input": st.fixed_dictionaries({"resolution": either(4, 8, 16)}),
        "smallest_map": either(None, 1, 2),
        "stem": st.fixed_dictionaries(
            {"width": either(2, 6)},
            optional={
                "stride": either(1, 2, 4),
                "kernel_size": either(3, 7),
                "padding": either("same", "valid"),
            },
        ),
        "scaling": st.fixed_dictionaries(
            {"depth": either(1, 2), "width": either(1, 2), "resolution": either(0.25, 1)},
            optional={"phi": either(0, 1, 2)},
        ),
    },
)


@st.composite
def rows(draw: st.DrawFn, *, last: bool, per: tuple[str, ...]) -> dict[str, Any]:
    """Return a row of stages that says nothing without a meaning."""
    row = draw(st.fixed_dictionaries({"width": either(1, 6, 8)}, optional=ROW))
    if last:
        row.pop("pooling", None)
    pools = repr(row.get("pooling", "none"))
    if "max" not in pools:
        row.pop("pooling_size", None)
    if "conv" not in repr(row.get("block", "conv")):
        row.pop("padding", None)
    return {name: drawn_for_each(leaf, draw(st.sampled_from(per))) for name, leaf in row.items()}


@st.composite
def spaces(draw: st.DrawFn) -> dict[str, Any]:
    network = draw(NETWORK)
    number = draw(st.integers(1, 3))
    stages: Any = [draw(rows(last=i == number - 1, per=("stage",))) for i in range(number)]
    if draw(st.booleans()):
        stages = {**draw(rows(last=False, per=("model", "stage"))), "count": draw(either(1, 2, 3))}
    return {"name": "drawn", "architecture": {**network, "stages": stages}}


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(document=spaces(), side=st.sampled_from([4, 8, 12]), channels=st.sampled_from([1, 3]))
def test_a_fault_is_certain_just_where_no_candidate_can_be_built(
    document: dict[str, Any], side: int, channels: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = Path(tmp_path_factory.getbasetemp()) / "drawn.yaml"
    file.write_text(yaml_text(document), encoding="utf-8")
    space, shape = load_space(file), (side, side, channels)
    candidates = list(islice(every_candidate(space), MOST_CANDIDATES))
    assume(len(candidates) < MOST_CANDIDATES)

    possible = any(is_possible(candidate, shape) for candidate in candidates)

    assert bool(certain_faults(space, shape, 10)) == (not possible)
