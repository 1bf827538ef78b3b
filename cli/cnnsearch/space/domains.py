"""What a setting may be: one of some values, or a number in a range."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any, TypeAlias

Value: TypeAlias = str | int | float | bool | list[Any] | None  # plain JSON

STEP = 0.1  # to a neighbour where there are no steps, as a share of the range
SPREAD = 0.2  # standard deviation of a small change, as a share of the range


def same(left: Value, right: Value) -> bool:
    """Return whether two plain values are one, telling `true` from 1."""
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True)
class Choice:
    """One of `values`; `ordinal` when they are numbers in order, so that some are neighbours."""

    values: tuple[Value, ...]
    ordinal: bool = False

    def contains(self, value: Value) -> bool:
        """Return whether `value` is one of the values."""
        return any(same(value, own) for own in self.values)

    def canonical(self, value: Value) -> Value:
        """Return the domain's own spelling of a value it contains."""
        return next(own for own in self.values if same(value, own))

    def draw(self, rng: random.Random) -> Value:
        """Return a value, each as likely as the others."""
        return self.values[int(rng.random() * len(self.values))]

    def middle(self) -> Value:
        """Return the first value: the guess where the space names none."""
        return self.values[0]

    def neighbours(self, value: Value, rng: random.Random) -> tuple[Value, ...]:
        """Return the values next to `value`: all others where there is no order."""
        if not self.ordinal:
            return tuple(own for own in self.values if not same(own, value))
        at = next(i for i, own in enumerate(self.values) if same(own, value))
        return self.values[max(at - 1, 0) : at] + self.values[at + 1 : at + 2]

    def steps(self, value: Value) -> tuple[Value, ...]:
        """Return the values that are one step away from `value`."""
        return self.neighbours(value, random.Random(0))  # never asked: there is no chance in it

    def position(self, value: Value) -> float | None:
        """Return where `value` lies between the first, 0, and the last, 1; None without order."""
        if not self.ordinal:
            return None
        at = next(i for i, own in enumerate(self.values) if same(own, value))
        return at / max(1, len(self.values) - 1)

    def at(self, index: int) -> Value:
        """Return one of the values, by its number from 0."""
        return self.values[index]

    def size(self) -> int | None:
        """Return how many values there are."""
        return len(self.values)


@dataclass(frozen=True)
class WholeRange:
    """The whole numbers `min`, `min + step`, ... `max`; with `log`, each doubling is as likely."""

    min: int
    max: int
    step: int = 1
    log: bool = False

    def contains(self, value: Value) -> bool:
        """Return whether `value` is one of the numbers."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return self.min <= value <= self.max and (value - self.min) % self.step == 0

    def canonical(self, value: Value) -> Value:
        """Return a number it contains as a whole one (2.0 is 2)."""
        assert isinstance(value, int | float)
        return int(value)

    def draw(self, rng: random.Random) -> Value:
        """Return a number, evenly or evenly in the logarithm."""
        if self.log:
            return self._near(rng.uniform(math.log(self.min - 0.5), math.log(self.max + 0.5)))
        return self.min + self.step * int(rng.random() * self._count())

    def middle(self) -> Value:
        """Return the number in the middle, the lower of two."""
        if self.log:
            return self._near((math.log(self.min) + math.log(self.max)) / 2)
        return self.min + self.step * ((self._count() - 1) // 2)

    def neighbours(self, value: Value, rng: random.Random) -> tuple[Value, ...]:
        """Return the numbers one step away, and with `log` one a random factor away."""
        assert isinstance(value, int | float)
        steps = {int(value) - self.step, int(value) + self.step}
        if self.log:
            spread = SPREAD * math.log(self.max / self.min)
            steps.add(self._near(math.log(value) + rng.gauss(0, spread)))
        return tuple(step for step in sorted(steps) if self.contains(step) and step != value)

    def steps(self, value: Value) -> tuple[Value, ...]:
        """Return the next number on both sides; with `log`, also those a tenth of the range off."""
        assert isinstance(value, int | float)
        steps = {int(value) - self.step, int(value) + self.step}
        if self.log:
            factor = (self.max / self.min) ** STEP
            steps |= {self._near(math.log(value * factor)), self._near(math.log(value / factor))}
        return tuple(step for step in sorted(steps) if self.contains(step) and step != value)

    def position(self, value: Value) -> float:
        """Return where `value` lies between `min`, 0, and `max`, 1."""
        return _position(value, self.min, self.max, log=self.log)

    def at(self, index: int) -> Value:
        """Return one of the numbers, by its number from 0."""
        return self.min + self.step * index

    def size(self) -> int | None:
        """Return how many numbers there are."""
        return self._count()

    def _count(self) -> int:
        return (self.max - self.min) // self.step + 1

    def _near(self, logarithm: float) -> int:
        return min(max(round(math.exp(logarithm)), self.min), self.max)


@dataclass(frozen=True)
class RealRange:
    """The real numbers from `min` to `max`, in steps where `step` is given."""

    min: float
    max: float
    step: float | None = None
    log: bool = False

    def contains(self, value: Value) -> bool:
        """Return whether `value` lies in the range, and on a step where there are steps."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        if not self.min <= value <= self.max:
            return False
        return self.step is None or math.isclose(self._on_step(value), value, abs_tol=1e-12)

    def canonical(self, value: Value) -> Value:
        """Return a number it contains as a real one, exactly on its step."""
        assert isinstance(value, int | float)
        return float(value) if self.step is None else self._on_step(value)

    def draw(self, rng: random.Random) -> Value:
        """Return a number, evenly or evenly in the logarithm."""
        if self.step is not None:
            return self._at(int(rng.random() * self._count()))
        return self.at_position(rng.random())

    def middle(self) -> Value:
        """Return the number in the middle: with `log` the geometric one, of two steps the lower."""
        if self.step is not None:
            return self._at((self._count() - 1) // 2)
        if self.log:
            return self._clip(math.sqrt(self.min * self.max))
        return self._clip((self.min + self.max) / 2)

    def neighbours(self, value: Value, rng: random.Random) -> tuple[Value, ...]:
        """Return the numbers one step away; without steps, one random number nearby."""
        assert isinstance(value, int | float)
        if self.step is not None:
            at = round((value - self.min) / self.step)
            return tuple(self._at(i) for i in (at - 1, at + 1) if 0 <= i < self._count())
        if self.log:
            move = rng.gauss(0, SPREAD * math.log(self.max / self.min))
            near = self._clip(value * math.exp(move))
        else:
            near = self._clip(value + rng.gauss(0, SPREAD * (self.max - self.min)))
        return (near,) if near != value else (self.draw(rng),)

    def steps(self, value: Value) -> tuple[Value, ...]:
        """Return the next number on both sides; without steps, a tenth of the range away."""
        assert isinstance(value, int | float)
        if self.step is not None:
            return self.neighbours(value, random.Random(0))  # never asked: no chance in it
        if self.log:
            factor = (self.max / self.min) ** STEP
            steps = (self._clip(value / factor), self._clip(value * factor))
        else:
            length = STEP * (self.max - self.min)
            steps = (self._clip(value - length), self._clip(value + length))
        return tuple(step for step in steps if step != value)

    def position(self, value: Value) -> float:
        """Return where `value` lies between `min`, 0, and `max`, 1."""
        return _position(value, self.min, self.max, log=self.log)

    def at_position(self, position: float) -> Value:
        """Return the number that lies there between `min`, 0, and `max`, 1, whatever the steps."""
        if self.log:
            low, high = math.log(self.min), math.log(self.max)
            return self._clip(math.exp(low + position * (high - low)))
        return self._clip(self.min + position * (self.max - self.min))

    def at(self, index: int) -> Value:
        """Return one of the numbers, by its number from 0, where there are steps."""
        return self._at(index) if self.step is not None else self.min

    def size(self) -> int | None:
        """Return how many numbers there are; None where there is no end of them."""
        if self.min == self.max:
            return 1
        return None if self.step is None else self._count()

    def _count(self) -> int:
        assert self.step is not None
        return round((self.max - self.min) / self.step) + 1

    def _at(self, index: int) -> float:
        assert self.step is not None
        return self._clip(self.min + index * self.step)

    def _on_step(self, value: float) -> float:
        assert self.step is not None
        return self._at(round((value - self.min) / self.step))

    def _clip(self, value: float) -> float:
        return min(max(float(f"{value:.12g}"), self.min), self.max)  # 0.1 + 0.2 is 0.3


def _position(value: Value, low: float, high: float, *, log: bool) -> float:
    assert isinstance(value, int | float)
    if low == high:
        return 0.0
    if log:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)


Domain: TypeAlias = Choice | WholeRange | RealRange


def choice(values: tuple[Value, ...]) -> Choice:
    """Return a choice that knows whether its values are numbers in order."""
    numbers = [value for value in values if isinstance(value, int | float) and _is_number(value)]
    in_order = numbers == sorted(numbers) or numbers == sorted(numbers, reverse=True)
    return Choice(values, ordinal=len(numbers) == len(values) and in_order)


@dataclass(frozen=True)
class Setting:
    """One named place at which a candidate is drawn."""

    path: str
    domain: Domain
    prior: Value = None

    def first_guess(self) -> Value:
        """Return the space's own first guess, else the first value or the middle of the range."""
        return self.domain.middle() if self.prior is None else self.prior
