"""Every candidate of a search space, one after another, in an order that never changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from cnnsearch.space.domains import RealRange, same
from cnnsearch.space.drawing import draw

if TYPE_CHECKING:
    from cnnsearch.space.candidate import Candidate
    from cnnsearch.space.domains import Domain, Setting, Value
    from cnnsearch.space.search_space import SearchSpace

POINTS = 5  # of a range without steps: both ends, and evenly between (in the logarithm with `log`)


def enumerate_candidates(
    space: SearchSpace, after: Mapping[str, Value] | None = None, *, points: int = POINTS
) -> Iterator[Candidate]:
    """Yield every candidate once, from the first guess outwards: the last settings vary fastest.

    Of a range without steps these are some values, of which the nearest gives way to the first
    guess.

    Args:
        space: What may vary.
        after: Settings of a candidate; only those that come after it are yielded. Settings that
            are none of the enumerated have nothing before them.
        points: How many values of a range without steps; of 1 it is the first guess.
    """
    odometer = _Odometer(space, points)
    if after is not None and odometer.move_to(after) and not odometer.turn():
        return
    while True:
        yield odometer.candidate()
        if not odometer.turn():
            return


class _Odometer:
    """A wheel for each active setting; turning one resets all that are drawn after it."""

    def __init__(self, space: SearchSpace, points: int) -> None:
        self._space, self._points = space, points
        self._wheels: list[int] = []  # how far each is turned; the wheels that follow are at 0
        self._sizes: list[int] = []

    def candidate(self) -> Candidate:
        """Return the candidate that the wheels show."""
        self._sizes = []

        def choose(setting: Setting) -> Value:
            values = _values(setting, self._points)
            at = len(self._sizes)
            self._sizes.append(len(values))
            return values[self._wheels[at] if at < len(self._wheels) else 0]

        return draw(self._space, choose)

    def turn(self) -> bool:
        """Go on by one from the candidate shown last; return whether there was one more."""
        wheels = self._wheels + [0] * (len(self._sizes) - len(self._wheels))
        while wheels and wheels[-1] + 1 >= self._sizes[len(wheels) - 1]:
            wheels.pop()
        if not wheels:
            return False
        wheels[-1] += 1
        self._wheels = wheels
        return True

    def move_to(self, settings: Mapping[str, Value]) -> bool:
        """Show the candidate with these settings; return whether it is among those enumerated."""
        wheels: list[int] = []
        found = True

        def choose(setting: Setting) -> Value:
            nonlocal found
            values = _values(setting, self._points)
            wanted = settings.get(setting.path)
            at = next((i for i, value in enumerate(values) if same(value, wanted)), None)
            found = found and at is not None
            wheels.append(at or 0)
            return values[at or 0]

        draw(self._space, choose)
        if found:
            self._wheels = wheels
            self.candidate()
        return found


def _values(setting: Setting, points: int) -> list[Value]:
    """Return what a setting is set to, the nearest to its first guess first."""
    guess, values = setting.first_guess(), _points(setting.domain, points)
    here = setting.domain.position(guess)
    if here is None:
        return sorted(values, key=lambda value: not same(value, guess))
    values.sort(key=lambda value: round(abs((setting.domain.position(value) or 0) - here), 9))
    return [guess, *values[1:]]  # the nearest is the guess itself, or gives way to it


def _points(domain: Domain, points: int) -> list[Value]:
    """Return all values, or some of a range without steps."""
    size = domain.size()
    if size is not None:
        return [domain.at(index) for index in range(size)]
    assert isinstance(domain, RealRange)
    return [domain.at_position(index / max(1, points - 1)) for index in range(points)]
