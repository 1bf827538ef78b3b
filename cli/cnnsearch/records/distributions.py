"""Our settings in Optuna's words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cnnsearch.space import Choice, Domain, RealRange, Value

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


def parameter(value: Value) -> Any:
    """Return `value` as Optuna can hold it: a list becomes its JSON text."""
    return json.dumps(value) if isinstance(value, list | tuple) else value


def distribution(domain: Domain) -> BaseDistribution:
    """Return what a setting may be."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(domain, Choice):
        return CategoricalDistribution([parameter(value) for value in domain.values])
    if isinstance(domain, RealRange):
        return FloatDistribution(domain.min, domain.max, step=domain.step, log=domain.log)
    return IntDistribution(domain.min, domain.max, step=domain.step or 1, log=domain.log)
