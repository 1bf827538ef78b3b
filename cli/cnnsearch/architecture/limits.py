"""Which limits of the search space a candidate breaks, and by how much."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cnnsearch.architecture import memory
from cnnsearch.architecture.receptive_field import receptive_field

if TYPE_CHECKING:
    from cnnsearch.architecture.graph import Architecture
    from cnnsearch.space import Constraint, TrainingSettings

QUANTITIES: dict[str, Callable[[Architecture], int]] = {
    "parameters": lambda architecture: architecture.parameters,
    "macs": lambda architecture: architecture.macs,
    "flops": lambda architecture: 2 * architecture.macs,
    "layers": lambda architecture: architecture.depth,
    "receptive_field": lambda architecture: receptive_field(architecture).size,
    "download_size": memory.download_size,
    "activation_memory": memory.activation_memory,
}
# What depends on how the candidate is trained, too.
TRAINING_QUANTITIES: dict[str, Callable[[Architecture, TrainingSettings], int]] = {
    "training_memory": memory.training_memory,
}
OPPOSITE = {"<=": ">", ">=": "<", "<": ">=", ">": "<=", "==": "!="}  # what a broken limit shows


@dataclass(frozen=True)
class Miss:
    """A limit, and the amount that breaks it."""

    constraint: Constraint
    amount: int

    @property
    def distance(self) -> int:
        """Return how far the amount is from the nearest one that the limit allows."""
        low, high = self.constraint.bounds()
        return max((low or 0) - self.amount, self.amount - (self.amount if high is None else high))

    def __str__(self) -> str:
        """Return the broken limit, such as `parameters 612,000 > 500,000`."""
        constraint = self.constraint
        amount, limit = constraint.shown(self.amount, constraint.limit)
        return f"{constraint.quantity} {amount} {OPPOSITE[constraint.operator]} {limit}"


@dataclass(frozen=True)
class Comparison:
    """A limit, and the amount that a network has; None where only a run measures it."""

    constraint: Constraint
    amount: int | None

    @property
    def holds(self) -> bool | None:
        """Return whether the limit is kept, as far as that is known."""
        return None if self.amount is None else self.constraint.allows(self.amount)

    def __str__(self) -> str:
        """Return `parameters 612,000 <= 1,000,000`, or with `>` where it is broken."""
        constraint = self.constraint
        if self.amount is None:
            return f"{constraint} (measured in a run)"
        if not constraint.allows(self.amount):
            return str(Miss(constraint, self.amount))
        amount, limit = constraint.shown(self.amount, constraint.limit)
        return f"{constraint.quantity} {amount} {constraint.operator} {limit}"

    def to_json(self) -> dict[str, object]:
        """Return it as plain values; `text` is how it reads."""
        return {
            "quantity": self.constraint.quantity,
            "limit": str(self.constraint),
            "amount": self.amount,
            "holds": self.holds,
            "text": str(self),
        }


def misses(
    architecture: Architecture,
    constraints: Iterable[Constraint],
    training: TrainingSettings | None = None,
) -> list[Miss]:
    """Return each broken limit in the order of the space; measured ones are not known here.

    Raises:
        ValueError: `training` is missing where a limit depends on it.
    """
    found = []
    for constraint in constraints:
        if constraint.is_measured:
            continue
        amount = _amount(constraint.quantity, architecture, training)
        if not constraint.allows(amount):
            found.append(Miss(constraint, amount))
    return found


def comparisons(
    architecture: Architecture, constraints: Iterable[Constraint], training: TrainingSettings
) -> list[Comparison]:
    """Return what a network has of each limited quantity."""
    return [
        Comparison(
            constraint,
            None
            if constraint.is_measured
            else _amount(constraint.quantity, architecture, training),
        )
        for constraint in constraints
    ]


def measured_misses(amounts: Mapping[str, float], constraints: Iterable[Constraint]) -> list[Miss]:
    """Return each broken limit of the latencies in `amounts`, which are in milliseconds."""
    misses = [
        Miss(constraint, round(1_000 * amounts[constraint.quantity]))
        for constraint in constraints
        if constraint.quantity in amounts
    ]
    return [miss for miss in misses if not miss.constraint.allows(miss.amount)]


@dataclass
class NearestMisses:
    """Remembers how near to each limit the draws came that broke it."""

    nearest: dict[Constraint, Miss] = field(default_factory=dict)

    def note(self, broken: Iterable[Miss]) -> None:
        """Take the broken limits of one more draw into account."""
        for miss in broken:
            known = self.nearest.get(miss.constraint)
            if known is None or miss.distance < known.distance:
                self.nearest[miss.constraint] = miss

    def __str__(self) -> str:
        """Return the nearest miss of each limit, such as `parameters 612,000 > 500,000`."""
        return ", ".join(map(str, self.nearest.values()))


def _amount(quantity: str, architecture: Architecture, training: TrainingSettings | None) -> int:
    if quantity in QUANTITIES:
        return QUANTITIES[quantity](architecture)
    if training is None:
        raise ValueError(f"{quantity} depends on how the candidate is trained")
    return TRAINING_QUANTITIES[quantity](architecture, training)
