"""Conditions bound to the settings they read, and checked against what those can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cnnsearch.space.conditions import Comparison, Condition, kind, parse_condition
from cnnsearch.space.domains import Choice, Value
from cnnsearch.space.expectations import Expected, show
from cnnsearch.space.leaves import Leaf, RawLeaf
from cnnsearch.space.places import Problems
from cnnsearch.space.plan import SCOPES
from cnnsearch.space.spelling import did_you_mean


def bind_conditions(
    raw: Iterable[RawLeaf], expected_at: Mapping[str, Expected], problems: Problems
) -> list[Leaf]:
    """Return the leaves with their conditions; what is wrong with these is noted."""
    raw = list(raw)
    binder = _Binder({each.leaf.path: each.leaf for each in raw}, expected_at, problems)
    return [binder.bound(each) for each in raw]


@dataclass(frozen=True)
class _Binder:
    leaves: Mapping[str, Leaf]
    expected_at: Mapping[str, Expected]
    problems: Problems

    def bound(self, raw: RawLeaf) -> Leaf:
        if raw.when is None:
            return raw.leaf
        try:
            condition = parse_condition(raw.when, lambda name: self._resolve(name, raw.leaf))
            self._check(condition, raw.leaf)
        except ValueError as error:
            self.problems.add(raw.at, str(error), at=(*raw.at, "when"))
            return raw.leaf
        return replace(raw.leaf, when=condition)

    def _resolve(self, name: str, leaf: Leaf) -> str:
        """Return the path that a name means: beside the setting first, then from the top."""
        section = leaf.path.rpartition(".")[0]
        for path in (f"{section}.{name}", name):
            if path in self.leaves:
                return path
        siblings = [path.removeprefix(f"{section}.") for path in self.leaves]
        hint = did_you_mean(name, [*siblings, *self.leaves])
        raise ValueError(f"unknown setting `{name}` in a condition{hint}")

    def _check(self, condition: Condition, leaf: Leaf) -> None:
        for path in condition.reads:
            other = self.leaves[path]
            if path == leaf.path:
                raise ValueError("a condition cannot read its own setting")
            if SCOPES.index(other.per) > SCOPES.index(leaf.per):
                text = f"`{path}` is drawn per {other.per}, so this needs `per: {other.per}` too"
                raise ValueError(text)
        for comparison in condition.comparisons:
            self._check_comparison(comparison)

    def _check_comparison(self, comparison: Comparison) -> None:
        kinds = self._kinds(comparison.path)
        for literal in comparison.literals:
            if kind(literal) not in kinds:
                could = " or ".join(sorted(kinds))
                text = f"`{comparison.path}` is {could}, and {show(literal)} is {kind(literal)}"
                raise ValueError(f"{text}: they cannot be compared")
            literals = self.expected_at[comparison.path].literals
            if literals and isinstance(literal, str) and literal not in literals:
                hint = did_you_mean(literal, literals)
                raise ValueError(f"`{comparison.path}` is never `{literal}`{hint}")
        if comparison.ordering and "a list" in kinds:
            raise ValueError(f"`{comparison.path}` is a list; lists have no order")

    def _kinds(self, path: str) -> set[str]:
        """Return the kinds of all values a setting can have, its default included."""
        leaf, expected = self.leaves[path], self.expected_at[path]
        values: list[Value] = [leaf.default] if not expected.required else []
        if isinstance(leaf.domain, Choice):
            values += leaf.domain.values
        elif leaf.domain is None and leaf.value is not None:
            values.append(leaf.value)
        number = {"a number"} if expected.number else set()
        return {kind(value) for value in values} | number
