"""Which limits of the search space an architecture breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnsearch.architecture.graph import Architecture
    from cnnsearch.space import Constraint

QUANTITIES: dict[str, Callable[[Architecture], int]] = {
    "parameters": lambda architecture: architecture.parameters,
    "macs": lambda architecture: architecture.macs,
}
OPPOSITE = {"<=": ">", ">=": "<", "<": ">=", ">": "<=", "==": "!="}  # what a broken limit shows


def violations(architecture: Architecture, constraints: Iterable[Constraint]) -> list[str]:
    """Return a line for each broken limit, such as `parameters 612,000 > 500,000`."""
    broken = []
    for constraint in constraints:
        value = QUANTITIES[constraint.quantity](architecture)
        if not constraint.allows(value):
            sign = OPPOSITE[constraint.operator]
            broken.append(f"{constraint.quantity} {value:,} {sign} {constraint.limit:,}")
    return broken
