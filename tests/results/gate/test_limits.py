"""A run is judged by the limits of its own space, of which single ones may be changed."""

from __future__ import annotations

import pytest
from tests.results.conftest import MakeRun
from tests.results.gate.conftest import finished, night

from cnnsearch.errors import UsageError
from cnnsearch.results.gate import limits_of


def test_a_limit_may_be_changed_and_nothing_else(make_run: MakeRun) -> None:
    run = finished(night(make_run, "new", 180))

    found = limits_of(run, ["gate.macs.max=5M"]).limits()

    assert {name: limit.bounds for name, limit in found.items()} == {"macs": {"max": 5_000_000}}
    with pytest.raises(UsageError, match=r"only gate\.\* can be changed"):
        limits_of(run, ["training.epochs=3"])


def test_a_run_without_limits_is_refused_where_one_is_required(make_run: MakeRun) -> None:
    run = finished(night(make_run, "new", 180))

    assert limits_of(run).limits() == {}
    with pytest.raises(UsageError, match="the space of new sets no limits"):
        limits_of(run, required=True)
