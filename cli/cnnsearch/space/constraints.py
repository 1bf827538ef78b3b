"""Limits that a candidate keeps to before it costs anything: `parameters: "<= 500k"`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cnnsearch.space.quantities import format_count, parse_count

Operator: TypeAlias = Literal["<=", ">=", "<", ">", "=="]
OPERATORS: tuple[Operator, ...] = ("<=", ">=", "==", "<", ">")


@dataclass(frozen=True)
class Constraint:
    """One limit, such as parameters <= 500000."""

    quantity: str
    operator: Operator
    limit: int

    def allows(self, amount: int) -> bool:
        """Return whether `amount` keeps to the limit."""
        low, high = self.bounds()
        return (low is None or amount >= low) and (high is None or amount <= high)

    def bounds(self) -> tuple[int | None, int | None]:
        """Return the least and the largest whole amount allowed."""
        return {
            "<=": (None, self.limit),
            "<": (None, self.limit - 1),
            ">=": (self.limit, None),
            ">": (self.limit + 1, None),
            "==": (self.limit, self.limit),
        }[self.operator]

    def __str__(self) -> str:
        return f"{self.quantity} {self.operator} {format_count(self.limit)}"


def parse_limits(value: object) -> tuple[Constraint, ...]:
    """Return the limits of one quantity: a text, a number (at most), or a list of these.

    Raises:
        ValueError: One is no limit, or together they allow nothing.
    """
    texts = value if isinstance(value, list) and value else [value]
    limits = tuple(text if isinstance(text, Constraint) else _limit(text) for text in texts)
    _refuse_contradiction(limits)
    return limits


def _limit(value: object) -> Constraint:
    operator: Operator = "<="
    if isinstance(value, str):
        operator, value = _split(value)
    try:
        limit = parse_count(value)
    except ValueError:
        raise ValueError('expected a limit such as "<= 500k" or 500k') from None
    if limit < 1:
        raise ValueError("a limit must be at least 1")
    return Constraint("", operator, limit)


def _split(text: str) -> tuple[Operator, str]:
    stripped = text.strip()
    for operator in OPERATORS:
        if stripped.startswith(operator):
            return operator, stripped.removeprefix(operator)
    return "<=", stripped


def _refuse_contradiction(limits: Sequence[Constraint]) -> None:
    bounds = [limit.bounds() for limit in limits]
    low = max((least for least, _ in bounds if least is not None), default=0)
    high = min((most for _, most in bounds if most is not None), default=low)
    if high < low or high < 1:
        raise ValueError(f"nothing can be {' and '.join(str(limit).strip() for limit in limits)}")
