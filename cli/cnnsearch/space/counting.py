"""How many candidates a search space has: counted exactly where that is possible."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from cnnsearch.space.drawing import STAGES, draw
from cnnsearch.space.scaling import compound_scaling

if TYPE_CHECKING:
    from cnnsearch.space.domains import Setting, Value
    from cnnsearch.space.leaves import Leaf
    from cnnsearch.space.plan import Plan, StagePlan
    from cnnsearch.space.search_space import SearchSpace

MOST_CASES = 100_000  # looked at, in about half a second; beyond, the number is estimated
DRAWS = 2_000  # for an estimate
NETWORK = "architecture."
SCALING = tuple(f"architecture.scaling.{name}" for name in ("phi", "depth", "width", "resolution"))
Case: TypeAlias = "tuple[dict[str, Value], int]"  # what settings are, and in how many ways


@dataclass(frozen=True)
class Count:
    """A number of candidates; of an estimate, `error` is the standard error."""

    number: int
    error: int = 0
    exact: bool = True


def count_candidates(space: SearchSpace) -> Count:
    """Return how many candidates there are, a range without steps taken as one value."""
    return _count(space, space.plan, "")


def count_networks(space: SearchSpace) -> Count | None:
    """Return in how many ways the settings of the network can be set.

    Two ways may describe the same network. None where they depend on other settings.
    """
    own = [leaf for leaf in space.plan.per_model if leaf.path.startswith(NETWORK)]
    rows = [leaf for row in space.plan.rows for leaf in (*row.per_stage, *row.per_block)]
    read = {path for leaf in (*own, *rows) if leaf.when for path in leaf.when.reads}
    if any(leaf.path in read for leaf in space.plan.drawn if not leaf.path.startswith(NETWORK)):
        return None
    return _count(space, replace(space.plan, per_model=tuple(own)), NETWORK)


def endless_settings(space: SearchSpace) -> list[str]:
    """Return the settings whose values have no end: the ranges without steps."""
    return [leaf.path for leaf in space.free if leaf.domain and leaf.domain.size() is None]


def _count(space: SearchSpace, plan: Plan, prefix: str) -> Count:
    try:
        return Count(_Counting(plan).total())
    except _UncountableError:
        return _estimate(space, prefix)


def _estimate(space: SearchSpace, prefix: str) -> Count:
    """Return the mean over draws of how many values there were to choose from, multiplied.

    Knuth 1975, "Estimating the efficiency of backtrack programs", Math. Comp. 29: it is right on
    average where every choice is as likely as the others.
    """
    rng = random.Random(0)
    samples = [
        math.prod(
            each.domain.size() or 1
            for path, each in draw(space, lambda setting: _any(setting, rng)).choices.items()
            if path.startswith(prefix)
        )
        for _ in range(DRAWS)
    ]
    total = sum(samples)
    # in whole numbers: these can be larger than any float
    variance = (DRAWS * sum(sample**2 for sample in samples) - total**2) // (DRAWS * (DRAWS - 1))
    return Count(total // DRAWS, math.isqrt(variance // DRAWS), exact=False)


def _any(setting: Setting, rng: random.Random) -> Value:
    size = setting.domain.size()
    return setting.domain.draw(rng) if size is None else setting.domain.at(rng.randrange(size))


class _UncountableError(Exception):
    """There are too many cases to go through them all."""


class _Counting:
    """Goes through the settings as `draw` does, but through all that they can be at once.

    Only values that a condition or the number of stages or blocks depends on are told apart, as
    cases. The values of all others just multiply the ways in which a case comes about.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.looked_at = 0
        rows = [leaf for row in plan.rows for leaf in (*row.per_stage, *row.per_block)]
        conditions = [leaf.when for leaf in (*plan.per_model, *rows) if leaf.when]
        self.matter = {path for condition in conditions for path in condition.reads}
        if plan.repeated:
            self.matter.add(f"{STAGES}.count")
        if any(row.per_block for row in plan.rows):
            self.matter |= {f"{row.prefix}.depth" for row in plan.rows}
            self.matter |= set(SCALING) if "scaling" in plan.present else set()

    def total(self) -> int:
        """Return the number of candidates.

        Raises:
            _UncountableError: There are too many cases.
        """
        fixed = {path: self.plan.constants[path] for path in self.matter & {*self.plan.constants}}
        cases = self._take_all([(fixed, 1)], self.plan.per_model)
        if self.plan.repeated:
            cases = self._through_repeated_stages(cases, self.plan.rows[0])
        else:
            for row in self.plan.rows:
                cases = self._through_blocks(self._take_all(cases, row.per_stage), row)
        return sum(ways for _, ways in cases)

    def _through_repeated_stages(self, cases: list[Case], row: StagePlan) -> list[Case]:
        ended: list[Case] = []
        stages = 0
        while cases:
            stages += 1
            last = [case for case in cases if case[0][f"{STAGES}.count"] == stages]
            others = [case for case in cases if case[0][f"{STAGES}.count"] != stages]
            ended += self._through_blocks(self._take_all(last, row.last_stage), row)
            cases = self._through_blocks(self._take_all(others, row.per_stage), row)
        return ended

    def _through_blocks(self, cases: list[Case], row: StagePlan) -> list[Case]:
        if not row.per_block:
            return cases
        ended: list[Case] = []
        blocks = 0
        while cases:
            ended += [case for case in cases if self._blocks(case, row) == blocks]
            cases = [case for case in cases if self._blocks(case, row) > blocks]
            cases = self._take_all(cases, row.per_block)
            blocks += 1
        return ended

    def _blocks(self, case: Case, row: StagePlan) -> int:
        values: dict[str, Any] = case[0]
        depth: int = values[f"{row.prefix}.depth"]
        if "scaling" not in self.plan.present:
            return depth
        return compound_scaling(*(values[path] for path in SCALING)).scaled_depth(depth)

    def _take_all(self, cases: list[Case], leaves: Iterable[Leaf]) -> list[Case]:
        for leaf in leaves:
            merged: dict[str, Case] = {}
            for values, ways in (new for case in cases for new in self._take(case, leaf)):
                key = repr(values)  # of one order of keys: settings are taken in one
                merged[key] = (values, ways + (merged[key][1] if key in merged else 0))
            cases = list(merged.values())
        return cases

    def _take(self, case: Case, leaf: Leaf) -> Iterator[Case]:
        """Yield the cases that one more setting makes of a case."""
        values, ways = case
        for value, number in self._outcomes(leaf, values):
            self.looked_at += 1
            if self.looked_at > MOST_CASES:
                raise _UncountableError
            told_apart = leaf.path in self.matter
            yield ({**values, leaf.path: value} if told_apart else values), ways * number

    def _outcomes(self, leaf: Leaf, values: dict[str, Value]) -> Iterator[tuple[Value, int]]:
        """Yield what the setting can be, each with how many of its values are that."""
        if leaf.when is not None and not leaf.when.test(values):
            yield leaf.default, 1
        elif leaf.domain is None:
            yield leaf.value, 1
        elif leaf.path not in self.matter:
            yield None, leaf.domain.size() or 1
        else:
            size = leaf.domain.size()
            if size is None:
                raise _UncountableError
            for index in range(size):
                yield leaf.domain.at(index), 1
