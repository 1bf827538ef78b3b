"""Limits that a candidate keeps to before it is trained: `parameters: "<= 500k"`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cnnsearch.space.quantities import (
    format_count,
    format_latency,
    format_size,
    parse_count,
    parse_latency,
    parse_size,
)

Operator: TypeAlias = Literal["<=", ">=", "<", ">", "=="]
OPERATORS: tuple[Operator, ...] = ("<=", ">=", "==", "<", ">")
# The limited quantities that are bytes, and those that are microseconds; the others are counts.
SIZES = frozenset({"activation_memory", "training_memory", "download_size"})
LATENCIES = {"latency": 1, "latency_batch64": 64}  # measured, with so many images at once


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
        return f"{self.quantity} {self.operator} {self._format(self.limit)}"

    @property
    def is_measured(self) -> bool:
        """Tell whether the quantity is known only once the network was built and timed."""
        return self.quantity in LATENCIES

    def shown(self, *amounts: int) -> tuple[str, ...]:
        """Return amounts of the quantity in full, or in short where that tells them apart."""
        unit = self._unit
        short = tuple(map(self._format, amounts))
        if unit and len(set(short)) == len(set(amounts)):
            return short
        return tuple(f"{amount:,}{unit}" for amount in amounts)

    @property
    def _unit(self) -> str:
        return " bytes" if self.quantity in SIZES else " us" if self.is_measured else ""

    def _format(self, amount: int) -> str:
        if self.is_measured:
            return format_latency(amount)
        return format_size(amount) if self.quantity in SIZES else format_count(amount)


def parse_limits(value: object) -> tuple[Constraint, ...]:
    """Return the limits of a count: a text, a number (at most), or a list of these.

    Raises:
        ValueError: One is no limit, or together they allow nothing.
    """
    return _limits(value, parse_count, 'expected a limit such as "<= 500k" or 500k')


def parse_size_limits(value: object) -> tuple[Constraint, ...]:
    """Return the limits of a size in bytes: a text, a number (at most), or a list of these.

    Raises:
        ValueError: One is no limit, or together they allow nothing.
    """
    return _limits(value, parse_size, 'expected a limit such as "<= 4MB" or 4MB')


def parse_latency_limits(value: object) -> tuple[Constraint, ...]:
    """Return the limits of a latency in microseconds: a text with its unit, or a list of these.

    Raises:
        ValueError: One is no limit, or together they allow nothing.
    """
    limits = _limits(value, parse_latency, 'expected a limit such as "<= 5ms" or 5ms')
    if any(limit.operator == "==" for limit in limits):
        raise ValueError("no measured time is exactly so; give `<=`, `<`, `>=` or `>`")
    return limits


_FORMATS: dict[Callable[[object], int], Callable[[float], str]] = {
    parse_count: format_count,
    parse_size: format_size,
    parse_latency: format_latency,
}


def _limits(value: object, parse: Callable[[object], int], expected: str) -> tuple[Constraint, ...]:
    texts = value if isinstance(value, list) and value else [value]
    limits = tuple(
        text if isinstance(text, Constraint) else _limit(text, parse, expected) for text in texts
    )
    _refuse_contradiction(limits, _FORMATS[parse])
    return limits


def _limit(value: object, parse: Callable[[object], int], expected: str) -> Constraint:
    operator: Operator = "<="
    if isinstance(value, str):
        operator, value = _split(value)
    try:
        limit = parse(value)
    except ValueError:
        raise ValueError(expected) from None
    if limit < 1:
        raise ValueError("a limit must be at least 1")
    return Constraint("", operator, limit)


def _split(text: str) -> tuple[Operator, str]:
    stripped = text.strip()
    for operator in OPERATORS:
        if stripped.startswith(operator):
            return operator, stripped.removeprefix(operator)
    return "<=", stripped


def _refuse_contradiction(limits: Sequence[Constraint], shown: Callable[[float], str]) -> None:
    bounds = [limit.bounds() for limit in limits]
    low = max((least for least, _ in bounds if least is not None), default=0)
    high = min((most for _, most in bounds if most is not None), default=low)
    if high < low or high < 1:
        texts = (f"{limit.operator} {shown(limit.limit)}" for limit in limits)
        raise ValueError(f"nothing can be {' and '.join(texts)}")
