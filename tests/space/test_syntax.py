"""Broken YAML: told in words, at the place to mend."""

from __future__ import annotations

import pytest

from cnnsearch.errors import SpaceError
from cnnsearch.space.yaml_file import parse_yaml


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a:\n\tb: 1\n", "2:1 tabs cannot indent; use spaces"),
        ("a: 1\n  \tb: 1\n", "2:3 tabs cannot indent; use spaces"),
        ("a:\t1\n", "1:3 a tab cannot stand here; use spaces"),
        ("a: 1\nb: 'x\nc: 2\n", "2:4 this quote is never closed"),
        (
            'a: "x\nb: 1\nc: {when: "d == 1"}\n',
            "1:4 this quote is not closed on its line; the next one is on line 3",
        ),
        ("a: @x\n", "1:4 a text that starts with `@` needs quotes"),
        ("a: >= 10k\n", "1:4 a text that starts with `>` or `|` needs quotes"),
        (
            "a:\n  b: [1, 2\nc: 3\n",
            "2:6 `[` is not closed: `]` or `,` is missing before line 3",
        ),
        ("a: {b: 1\nc: 2\n", "1:4 `{` is not closed: `}` or `,` is missing before line 2"),
        ("a: {min: 1 max: 2}\n", "1:15 expected `,` or `}`"),
        ("a: [", "1:5 the text ends before this is closed"),
        (
            "a:\n    b: 1\n   c: 2\n",
            "3:4 not indented as the lines above it, or one of these is not closed",
        ),
        (
            "a: 1\n  b: 2\n",
            "2:4 `:` cannot stand here; indent the line as its neighbours, or quote the text",
        ),
        ("a: 1\nb\nc: 2\n", "2:1 expected `key: value`"),
        ("a: *x\n", "1:4 not valid YAML: found undefined alias 'x'"),
    ],
)
def test_broken_yaml_is_told_in_words_at_its_place(text: str, problem: str) -> None:
    with pytest.raises(SpaceError) as caught:
        parse_yaml(text, "x.yaml")

    [found] = caught.value.problems
    assert f"{found.where} {found.message}" == f"x.yaml:{problem}"


def test_a_quote_over_two_lines_is_no_fault_of_the_lines_after_it() -> None:
    with pytest.raises(SpaceError) as caught:
        parse_yaml('a: "x\n  y"\nb: @z\n', "x.yaml")

    assert caught.value.problems[0].where == "x.yaml:3:4"
