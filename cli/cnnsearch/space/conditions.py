"""The grammar of `when`: names, literals, comparisons, `and`, `or`, `not`.

Nothing is ever evaluated as Python: the text becomes a syntax tree, and only the nodes named here
have a meaning.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from cnnsearch.space.domains import Value, same

MAX_LENGTH = 200
ASSIGNMENT = re.compile(r"(?<![=!<>])=(?!=)")
Values: TypeAlias = Mapping[str, Value]
Test: TypeAlias = Callable[[Values], bool]
Resolve: TypeAlias = Callable[
    [str], str
]  # the name as written -> the setting's path, or ValueError

_ORDERINGS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


@dataclass(frozen=True)
class Comparison:
    """A setting compared with literals somewhere in a condition, for checks at loading."""

    path: str
    literals: tuple[Value, ...]
    ordering: bool  # < <= > >=
    membership: bool  # the literals are the members of the list of `in`


@dataclass(frozen=True)
class Condition:
    """When a setting is active: `text` as written, and the paths of the settings it reads."""

    text: str
    reads: tuple[str, ...]
    test: Test = field(compare=False, repr=False)
    comparisons: tuple[Comparison, ...] = field(compare=False, repr=False, default=())


def parse_condition(text: str, resolve: Resolve) -> Condition:
    """Return the condition; `resolve` turns each name into the path of a setting.

    Raises:
        ValueError: The text is not in the grammar, or a name is unknown.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a condition has at most {MAX_LENGTH} characters, not {len(text)}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice on odd literals
            tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(_expected(text)) from None
    compiler = _Compiler(text, resolve)
    test = compiler.test(tree.body)
    return Condition(text, tuple(dict.fromkeys(compiler.reads)), test, tuple(compiler.comparisons))


def _expected(text: str) -> str:
    hint = "; to compare, write `==`" if ASSIGNMENT.search(text) else ""
    return f"expected a condition such as \"block == 'conv'\", not `{text}`{hint}"


class _Compiler:
    """Turns the syntax tree into functions, and notes what the condition reads."""

    def __init__(self, text: str, resolve: Resolve) -> None:
        self.text, self.resolve = text, resolve
        self.reads: list[str] = []
        self.comparisons: list[Comparison] = []

    def test(self, node: ast.expr) -> Test:
        """Return the test of a node that is true or false."""
        if isinstance(node, ast.BoolOp):
            tests = [self.test(part) for part in node.values]
            if isinstance(node.op, ast.And):
                return lambda values: all(test(values) for test in tests)
            return lambda values: any(test(values) for test in tests)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.test(node.operand)
            return lambda values: not inner(values)
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        raise ValueError(_expected(self.text))

    def _comparison(self, node: ast.Compare) -> Test:
        operands = [node.left, *node.comparators]
        pairs: list[Test] = []
        for left, sign, right in zip(operands, node.ops, operands[1:], strict=False):
            pairs.append(self._pair(left, sign, right))
        return pairs[0] if len(pairs) == 1 else lambda values: all(pair(values) for pair in pairs)

    def _pair(self, left: ast.expr, sign: ast.cmpop, right: ast.expr) -> Test:
        if type(sign) not in (ast.Eq, ast.NotEq, ast.In, ast.NotIn, *_ORDERINGS):
            raise ValueError(_expected(self.text))
        first, second = self._operand(left), self._operand(right)
        membership = isinstance(sign, ast.In | ast.NotIn)
        if membership and not isinstance(second, list):
            raise ValueError("`in` needs a list of literals, such as `in [1, 2]`")
        self._note(first, second, type(sign) in _ORDERINGS, membership)
        compare = _compare(sign)
        return lambda values: compare(_value(first, values), _value(second, values))

    def _note(self, first: _Operand, second: _Operand, ordering: bool, membership: bool) -> None:
        for one, other in ((first, second), (second, first)):
            if isinstance(one, _Name) and not isinstance(other, _Name):
                literals = tuple(other) if membership and isinstance(other, list) else (other,)
                self.comparisons.append(Comparison(one.path, literals, ordering, membership))

    def _operand(self, node: ast.expr) -> _Operand:
        if isinstance(node, ast.Name | ast.Attribute):
            path = self.resolve(".".join(_words(node, self.text)))
            self.reads.append(path)
            return _Name(path)
        return self._literal(node)

    def _literal(self, node: ast.expr) -> Value:
        if isinstance(node, ast.List | ast.Tuple):
            return [self._literal(item) for item in node.elts]
        negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
        if isinstance(node, ast.UnaryOp) and negative:
            node = node.operand
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | None):
            if not negative:
                return node.value
            if isinstance(node.value, int | float) and not isinstance(node.value, bool):
                return -node.value
        raise ValueError(_expected(self.text))


@dataclass(frozen=True)
class _Name:
    path: str


_Operand: TypeAlias = _Name | Value


def _words(node: ast.expr, text: str) -> Iterator[str]:
    if isinstance(node, ast.Attribute):
        yield from _words(node.value, text)
        yield node.attr
    elif isinstance(node, ast.Name):
        yield node.id
    else:
        raise ValueError(_expected(text))


def _value(operand: _Operand, values: Values) -> Value:
    return values[operand.path] if isinstance(operand, _Name) else operand


def _compare(sign: ast.cmpop) -> Callable[[Value, Value], bool]:
    if isinstance(sign, ast.Eq):
        return same
    if isinstance(sign, ast.NotEq):
        return lambda left, right: not same(left, right)
    if isinstance(sign, ast.In):
        return _in
    if isinstance(sign, ast.NotIn):
        return lambda left, right: not _in(left, right)
    return _ordering(_ORDERINGS[type(sign)])


def _in(value: Value, members: Value) -> bool:
    return isinstance(members, list) and any(same(value, member) for member in members)


def _ordering(compare: Callable[[Any, Any], bool]) -> Callable[[Value, Value], bool]:
    def test(left: Value, right: Value) -> bool:
        comparable = kind(left) == kind(right) and kind(left) in ("a number", "a text")
        return comparable and compare(left, right)

    return test


def kind(value: Value) -> str:
    """Return the kind of a plain value, in words; values of two kinds are never equal."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return "a text" if isinstance(value, str) else "a list"
