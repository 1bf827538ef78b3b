"""Faults that every candidate of a space has, found without looking at every candidate.

A candidate that fails tells which of its settings the failure depends on. All candidates that agree
on these fail as it does, so that only their other values are to be tried: where each of them fails
too, whatever else is drawn, nothing can be built.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnnsearch.architecture.dependence import depends_on
from cnnsearch.architecture.describe import describe
from cnnsearch.architecture.fault import Fault, without
from cnnsearch.architecture.infeasible import InfeasibleError

if TYPE_CHECKING:
    from cnnsearch.space import Candidate, SearchSpace, Setting, Value

MOST_TRIES = 500  # candidates; then it is not certain. Half a second for the default space
MOST_FIXED = 50  # settings; each has two values and more, so it would take too long anyway
Try = Callable[["Candidate"], "Fault | None"]


@dataclass(frozen=True)
class CertainFault:
    """A fault of the first guess; `is_drawn` where other draws differ, and do no better."""

    fault: Fault
    candidate: Candidate
    is_drawn: bool


def certain_faults(
    space: SearchSpace, input_shape: tuple[int, int, int], classes: int
) -> list[CertainFault]:
    """Return why no candidate can be built: nothing where one can be, or where it is not certain.

    Of maps that become too small only the first is told: the next may come from it.
    """
    found: list[CertainFault] = []

    def attempt(candidate: Candidate) -> Fault | None:
        known = [each.fault for each in found]
        settings = without(candidate.architecture, known, repeated=space.plan.repeated)
        try:
            describe(settings, input_shape, classes)
        except InfeasibleError as error:
            return Fault.of(error)
        return None

    search = _Refutation(space, attempt)
    while (new := search.certain_fault()) is not None:
        if new.fault.is_of_size and any(each.fault.is_of_size for each in found):
            break
        found.append(new)
    return found


@dataclass
class _Refutation:
    """Looks for a candidate without fault."""

    space: SearchSpace
    attempt: Try
    tries: int = 0

    def certain_fault(self) -> CertainFault | None:
        """Return the fault of the first guess, if all other candidates have one too."""
        from cnnsearch.space import draw, first_guess

        candidate = draw(self.space, first_guess)
        fault = self.attempt(candidate)
        before = self.tries
        if fault is None or self.blamed({}) is None:
            return None
        return CertainFault(fault, candidate, is_drawn=self.tries > before + 1)

    def blamed(self, fixed: dict[str, Value]) -> frozenset[str] | None:
        """Return those of the `fixed` settings with which every candidate fails.

        None where one does not fail, or where it would take too long to tell.
        """
        from cnnsearch.space import draw, first_guess, replay

        self.tries += 1
        if self.tries > MOST_TRIES or len(fixed) > MOST_FIXED:
            return None
        candidate = draw(self.space, replay(fixed, otherwise=first_guess))
        fault = self.attempt(candidate)
        if fault is None or not fault.is_traced:
            return None
        reasons = depends_on(self.space, candidate, fault)
        free = next((path for path in reasons if path not in fixed), None)
        if free is None:
            return frozenset(reasons)
        return self._blamed_whatever(candidate.choices[free], fixed)

    def _blamed_whatever(self, setting: Setting, fixed: dict[str, Value]) -> frozenset[str] | None:
        """Return the same, where every candidate fails with each value of one more setting."""
        size = setting.domain.size()
        if size is None or self.tries + size > MOST_TRIES:
            return None
        together: frozenset[str] = frozenset()
        for value in map(setting.domain.at, range(size)):
            blamed = self.blamed({**fixed, setting.path: value})
            if blamed is None or setting.path not in blamed:  # then the other values fail as well
                return blamed
            together |= blamed
        return together - {setting.path}
