"""Settings that mean something only where another one has certain values.

A file that sets one where it can mean nothing contradicts itself. What is only inherited, or left
over from an override, is left out of the draws.
"""

from __future__ import annotations

from dataclasses import replace

from cnnsearch.space.domains import Choice, Value
from cnnsearch.space.expectations import show, show_number
from cnnsearch.space.fields import Needs
from cnnsearch.space.leaves import RawLeaf
from cnnsearch.space.plan import SCOPES


def only_where_it_matters(raw: RawLeaf, needs: Needs, other: RawLeaf) -> tuple[RawLeaf, str]:
    """Return the leaf, drawn only where `other` has what it needs, and what is wrong with it.

    A condition that the file gives itself is left as it is.
    """
    possible = _possible(other)
    if possible is None:
        return (raw, "") if raw.when else (_bound(raw, needs, other), "")
    if not any(_allows(needs, value) for value in possible):
        leaf = replace(raw.leaf, domain=None, prior=None, value=raw.leaf.default)
        return replace(raw, leaf=leaf, when=None), _refusal(needs, possible)
    if raw.when is None and not all(_allows(needs, value) for value in possible):
        return _bound(raw, needs, other), ""
    return raw, ""


def _bound(raw: RawLeaf, needs: Needs, other: RawLeaf) -> RawLeaf:
    drawn_before = SCOPES.index(other.leaf.per) <= SCOPES.index(raw.leaf.per)
    if raw.leaf.domain is None or not drawn_before:
        return raw
    sign = "not in" if needs.other else "in"
    return replace(raw, when=f"{needs.setting} {sign} {list(needs.values)}")


def _possible(other: RawLeaf) -> list[Value] | None:
    """Return all values of a setting, or None where it is a range."""
    domain = other.leaf.domain
    if domain is not None and not isinstance(domain, Choice):
        return None
    values = list(domain.values) if domain else [other.leaf.value]
    return [*values, other.leaf.default] if other.when else values


def _allows(needs: Needs, value: Value) -> bool:
    return (value in needs.values) != needs.other


def _refusal(needs: Needs, possible: list[Value]) -> str:
    wanted = ", ".join(show(value) for value in needs.values)
    found = ", ".join(show(show_number(value)) for value in possible)
    sign = "other than " if needs.other else ""
    return f"means something only with `{needs.setting}` {sign}{wanted}; here it is {found}"
