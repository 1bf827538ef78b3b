"""A leaf: one setting as the file says it, fixed or free."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from cnnsearch.space.conditions import Condition
from cnnsearch.space.domains import Choice, Domain, RealRange, Value, WholeRange, choice, same
from cnnsearch.space.expectations import Expected, Fault, show
from cnnsearch.space.places import Path, Problems, dotted
from cnnsearch.space.sections import Per
from cnnsearch.space.spelling import did_you_mean

VALUE_KEYS = ("values", "prior", "per", "when")
RANGE_KEYS = ("min", "max", "step", "log", "prior", "per", "when")
LEAF_FORMS = "expected a value, {values: [...]} or {min: ..., max: ...}"


@dataclass(frozen=True)
class Leaf:
    """One setting of the space.

    `path` is the YAML path: `architecture.stages.depth`, whatever the stage. Where `domain` is
    None the setting is fixed at `value`. Where `when` does not hold it is `default`.
    """

    path: str
    value: Value
    default: Value
    domain: Domain | None = None
    prior: Value = None
    per: Per = "model"
    when: Condition | None = None


@dataclass(frozen=True)
class RawLeaf:
    """A leaf whose `when` is still text, because the names it may use are not all known yet."""

    leaf: Leaf
    at: Path
    when: str | None = None


def read_leaf(
    value: Any, expected: Expected, path: Path, problems: Problems, default_per: Per = "model"
) -> RawLeaf:
    """Return the leaf that a value of the file means, noting every fault of it in `problems`."""
    reader = _LeafReader(expected, path, problems, default_per)
    return reader.read(value)


@dataclass(frozen=True)
class _LeafReader:
    expected: Expected
    path: Path
    problems: Problems
    default_per: Per

    def read(self, value: Any) -> RawLeaf:
        if not isinstance(value, dict):
            return self._raw(Leaf(dotted(self.path), self._value(value), self.expected.default))
        if "values" in value:
            domain: Domain | None = self._choice(value)
            known = VALUE_KEYS
        else:
            domain = self._range(value) if {"min", "max"} & value.keys() else None
            known = RANGE_KEYS
            if not {"min", "max"} & value.keys():
                self._add(LEAF_FORMS)
        self._unknown_keys(value, known)
        return self._searched(value, domain)

    def _raw(self, leaf: Leaf, when: str | None = None) -> RawLeaf:
        return RawLeaf(leaf, self.path, when)

    def _add(self, message: str, *inner: str | int, key: bool = False) -> None:
        self.problems.add(self.path, message, at=(*self.path, *inner), key=key)

    def _value(self, value: Any, *inner: str | int) -> Value:
        """Return a plain value that the field accepts; what it refuses is noted."""
        read, faults = self.expected.read_plain(value)
        for fault in faults:
            self._add(fault.message, *inner, *_position(fault))
        return read

    def _searched(self, leaf: dict[str, Any], domain: Domain | None) -> RawLeaf:
        """Return the leaf for a domain; one of a single value is fixed."""
        prior = self._prior(leaf, domain)
        fixed, default = None, self.expected.default
        if domain is not None and domain.size() == 1:
            fixed, domain, prior = domain.middle(), None, None
        per, when = self._per(leaf), self._when(leaf)
        path = dotted(self.path)
        return self._raw(Leaf(path, fixed, default, domain, prior, per), when)

    def _unknown_keys(self, leaf: dict[str, Any], known: tuple[str, ...]) -> None:
        for key in leaf:
            if key in known:
                continue
            if key in RANGE_KEYS or key == "values":
                text = f"`{key}` does not go with `{'values' if 'values' in leaf else 'min'}`"
            else:
                text = f"unknown key `{key}`{did_you_mean(key, ('values', *RANGE_KEYS))}"
            self._add(text, key, key=True)

    def _choice(self, leaf: dict[str, Any]) -> Domain | None:
        items = leaf["values"]
        if not isinstance(items, list) or not items:
            self._add(f"values must be a list of one or more, not {show(items)}", "values")
            return None
        values: list[Value] = []
        for index, item in enumerate(items):
            read, faults = self.expected.read_plain(item)
            for fault in faults:
                self._add(fault.message, "values", index, *_position(fault))
            if faults:
                continue
            if any(same(read, other) for other in values):
                self._add(f"values holds {show(item)} twice", "values", index)
            values.append(read)
        if len(values) < len(items):
            return None
        if "prior" in leaf and leaf["prior"] is None and None in values:
            values.sort(key=lambda value: value is not None)  # no prior is the first value
        return choice(tuple(values))

    def _range(self, leaf: dict[str, Any]) -> Domain | None:
        if self.expected.number is None:
            self._add("cannot be a range; list what it may be: {values: [...]}")
            return None
        missing = [key for key in ("min", "max") if key not in leaf]
        for key in missing:
            self._add(f"a range needs `{key}` too")
        bounds = [self._value(leaf[key], key) for key in ("min", "max") if key in leaf]
        step, log = self._step(leaf), leaf.get("log", False)
        if not isinstance(log, bool):
            self._add(f"log is true or false, not {show(log)}", "log")
            return None
        if len(bounds) < 2 or None in bounds:
            return None
        low, high = bounds
        assert isinstance(low, int | float) and isinstance(high, int | float)
        if not self._range_is_possible(leaf, low, high, step, log):
            return None
        if self.expected.number == "whole":
            return WholeRange(int(low), int(high), int(step or 1), log)
        return RealRange(float(low), float(high), step, log)

    def _step(self, leaf: dict[str, Any]) -> float | None:
        """Return the step where there is a right one; a wrong one is noted."""
        step, whole = leaf.get("step"), self.expected.number == "whole"
        if "step" not in leaf:
            return None
        is_number = isinstance(step, int | float) and not isinstance(step, bool)
        if not is_number or not math.isfinite(step) or (whole and step != int(step)):
            self._add(f"step must be a {'whole ' * whole}number, not {show(step)}", "step")
        elif step <= 0:
            self._add(f"step must be more than 0, not {show(step)}", "step")
        else:
            return step
        return None

    def _range_is_possible(
        self, leaf: dict[str, Any], low: float, high: float, step: float | None, log: bool
    ) -> bool:
        if high < low:
            self._add(f"max must be at least min ({show(high)} < {show(low)})")
        elif log and low <= 0:
            self._add(f"log needs a min of more than 0, not {show(low)}", "min")
        elif log and "step" in leaf:
            self._add("log and step do not go together; leave one out", "step", key=True)
        elif step is not None and not _divides(step, high - low):
            text = f"step {show(step)} does not lead from {show(low)} to {show(high)}"
            self._add(f"{text}; the last value would be {show(_last(low, high, step))}", "step")
        else:
            return step is not None or "step" not in leaf
        return False

    def _prior(self, leaf: dict[str, Any], domain: Domain | None) -> Value:
        if "prior" not in leaf or (leaf["prior"] is None and domain is None):
            return None
        prior, faults = self.expected.read_plain(leaf["prior"])
        for fault in faults:
            self._add(fault.message, "prior", *_position(fault))
        if faults or domain is None:
            return None
        if not domain.contains(prior):
            self._add(f"prior must be {_members(domain)}, not {show(leaf['prior'])}", "prior")
            return None
        return domain.canonical(prior)

    def _per(self, leaf: dict[str, Any]) -> Per:
        assert self.expected.searchable is not None
        allowed = self.expected.searchable.per
        if self.default_per == "stage":  # a row of the long form is one stage
            allowed = tuple(per for per in allowed if per != "model")
        per = leaf.get("per", self.default_per)
        if per in allowed or "per" not in leaf:
            return per  # type: ignore[no-any-return]  # a Per: it is one of those allowed
        if not allowed:
            self._add("per is only for settings of the stages; leave it out", "per", key=True)
        else:
            hint = did_you_mean(per, allowed) if isinstance(per, str) else ""
            options = " or ".join(f"`{option}`" for option in allowed)
            self._add(f"per is {options} here, not {show(per)}{hint}", "per")
        return self.default_per

    def _when(self, leaf: dict[str, Any]) -> str | None:
        when = leaf.get("when")
        if "when" in leaf and not isinstance(when, str):
            self._add(f"when is a text such as \"block == 'conv'\", not {show(when)}", "when")
            return None
        if when is not None and self.expected.required:
            self._add("when needs a default to fall back on, and this has none", "when", key=True)
            return None
        return when


def _position(fault: Fault) -> tuple[str | int, ...]:
    return tuple(step for step in fault.at if isinstance(step, int))


def _divides(step: float, length: float) -> bool:
    count = length / step
    return count >= 0.5 and math.isclose(count, round(count), rel_tol=1e-9, abs_tol=1e-9)


def _last(low: float, high: float, step: float) -> float:
    return float(f"{low + step * math.floor((high - low) / step):.12g}")


def _members(domain: Domain) -> str:
    if isinstance(domain, Choice):
        return f"one of {', '.join(map(show, domain.values))}"
    steps = f" in steps of {show(domain.step)}" if domain.step not in (None, 1) else ""
    return f"from {show(domain.min)} to {show(domain.max)}{steps}"
