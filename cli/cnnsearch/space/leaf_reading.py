"""Reads a leaf: a plain value, `{values: [...]}` or `{min: ..., max: ...}`, with its options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from cnnsearch.space.domains import Choice, Domain, Value, choice, same
from cnnsearch.space.expectations import Expected, show, show_number
from cnnsearch.space.fields import Per
from cnnsearch.space.leaves import Leaf, RawLeaf
from cnnsearch.space.places import Path, Problems, dotted
from cnnsearch.space.ranges import make_range, range_faults
from cnnsearch.space.spelling import did_you_mean

OPTION_KEYS = ("prior", "per", "when")
RANGE_KEYS = ("min", "max", "step", "log")
LEAF_FORMS = "expected a value, {values: [...]} or {min: ..., max: ...}"


def read_leaf(
    value: Any, expected: Expected, path: Path, problems: Problems, default_per: Per = "model"
) -> RawLeaf:
    """Return the leaf that a value of the file means, noting every fault of it in `problems`."""
    reader = _LeafReader(expected, path, problems, default_per)
    return reader.searched(value) if isinstance(value, dict) else reader.fixed(value)


@dataclass(frozen=True)
class _LeafReader:
    expected: Expected
    path: Path
    problems: Problems
    default_per: Per

    def fixed(self, value: Any) -> RawLeaf:
        """Return the leaf of a plain value."""
        if self._lists_values(value):
            text = ", ".join(str(show_number(item)) for item in value)
            self._add(f"a list is no value here; did you mean {{values: [{text}]}}?")
            read = self.expected.default
        else:
            read, _ = self._value(value)
        return RawLeaf(Leaf(dotted(self.path), read, self.expected.default), self.path)

    def _lists_values(self, value: Any) -> bool:
        """Return whether these are values of a setting that is none of a list itself."""
        if not isinstance(value, list) or len(value) < 2 or self.expected.is_list:
            return False
        return not any(faults for _, faults in map(self.expected.read_plain, value))

    def searched(self, leaf: dict[str, Any]) -> RawLeaf:
        """Return the leaf of a mapping; a domain of a single value is fixed."""
        self._known_keys(leaf)
        domain = self._choice(leaf) if "values" in leaf else self._range(leaf)
        prior = self._prior(leaf, domain)
        per, when = self._per(leaf), self._when(leaf)
        value = None
        if domain is not None and domain.size() == 1:
            value, domain, prior = domain.middle(), None, None
        path, default = dotted(self.path), self.expected.default
        return RawLeaf(Leaf(path, value, default, domain, prior, per), self.path, when)

    def _add(self, message: str, *inner: str | int, key: bool = False) -> None:
        self.problems.add(self.path, message, at=(*self.path, *inner), key=key)

    def _value(self, value: Any, *inner: str | int) -> tuple[Value, bool]:
        """Return a plain value and whether the field accepts it; what it refuses is noted."""
        read, faults = self.expected.read_plain(value)
        for fault in faults:
            self._add(fault.message, *inner, *fault.position)
        return read, not faults

    def _known_keys(self, leaf: dict[str, Any]) -> None:
        known = ("values", *OPTION_KEYS) if "values" in leaf else (*RANGE_KEYS, *OPTION_KEYS)
        for key, value in leaf.items():
            if key in RANGE_KEYS and key not in known:
                self._add(f"`{key}` and `values` do not go together", key, key=True)
            elif key not in known:
                options = ("values", *RANGE_KEYS, *OPTION_KEYS)
                hint = did_you_mean(key, options)
                if not hint and isinstance(value, list) and "values" not in leaf:
                    hint = "; did you mean `values`?"
                self._add(f"unknown key `{key}`{hint}", key, key=True)

    def _choice(self, leaf: dict[str, Any]) -> Domain | None:
        items = leaf["values"]
        if not isinstance(items, list) or not items:
            shown = "an empty list" if items == [] else show(items)
            self._add(f"values must be a list of one or more, not {shown}", "values")
            return None
        read = [self._value(item, "values", index) for index, item in enumerate(items)]
        values = [value for value, accepted in read if accepted]
        for index, (value, accepted) in enumerate(read):
            if accepted and any(same(value, earlier) for earlier, _ in read[:index]):
                self._add(f"values holds {show(items[index])} twice", "values", index)
        if len(values) < len(items):
            return None
        if "prior" in leaf and leaf["prior"] is None:
            values.sort(key=lambda value: value is not None)  # without a prior, the first is tried
        return choice(tuple(values))

    def _range(self, leaf: dict[str, Any]) -> Domain | None:
        if not {"min", "max"} & leaf.keys():
            if leaf.keys() <= {*RANGE_KEYS, *OPTION_KEYS}:  # else a key is misspelt, and told
                self.problems.add_missing(self.path, LEAF_FORMS)
            return None
        if self.expected.number is None:
            self._add("cannot be a range; list what it may be: {values: [...]}")
            return None
        for key in ("min", "max"):
            if key not in leaf:
                self._add(f"a range needs `{key}` too")
        for key in [key for key in ("min", "max") if key in leaf and leaf[key] is None]:
            self._add(f"{key} is empty; expected a number", key)
        given = [key for key in ("min", "max") if leaf.get(key) is not None]
        bounds = [self._value(leaf[key], key)[0] for key in given]
        numbers = [bound for bound in bounds if isinstance(bound, int | float)]
        if len(numbers) < 2:
            return None
        return self._possible_range(leaf, *numbers)

    def _possible_range(self, leaf: dict[str, Any], low: float, high: float) -> Domain | None:
        whole = self.expected.number == "whole"
        faults = range_faults(low, high, leaf, whole=whole)
        for fault in faults:
            self._add(fault.message, *filter(None, [fault.key]))
        return None if faults else make_range(low, high, leaf, whole=whole)

    def _prior(self, leaf: dict[str, Any], domain: Domain | None) -> Value:
        if "prior" not in leaf:
            return None
        prior, accepted = self._value(leaf["prior"], "prior")
        if not accepted or domain is None:
            return None
        if not domain.contains(prior):
            self._add(f"prior must be {_members(domain)}, not {show(leaf['prior'])}", "prior")
            return None
        return domain.canonical(prior)

    def _per(self, leaf: dict[str, Any]) -> Per:
        allowed = self.expected.searchable.per if self.expected.searchable else ()
        if self.default_per == "stage":  # a row of the long form is one stage
            allowed = tuple(per for per in allowed if per != "model")
        per = leaf.get("per", self.default_per)
        if "per" not in leaf or per in allowed:
            return cast("Per", per)
        if not allowed:
            self._add("per is only for settings that stages repeat; leave it out", "per", key=True)
            return self.default_per
        hint = did_you_mean(per, allowed) if isinstance(per, str) else ""
        options = " or ".join(f"`{option}`" for option in allowed)
        self._add(f"per is {options} here, not {show(per)}{hint}", "per")
        return self.default_per

    def _when(self, leaf: dict[str, Any]) -> str | None:
        when = leaf.get("when")
        if "when" in leaf and not isinstance(when, str):
            self._add(f"when is a text such as \"block == 'conv'\", not {show(when)}", "when")
        elif "when" in leaf and self.expected.required:
            self._add("when needs a default to fall back on, and this has none", "when", key=True)
        else:
            return when
        return None


def _members(domain: Domain) -> str:
    if isinstance(domain, Choice):
        return f"one of {', '.join(show(show_number(value)) for value in domain.values)}"
    steps = "" if domain.step in (None, 1) else f" in steps of {domain.step:g}"
    return f"from {domain.min:g} to {domain.max:g}{steps}"
