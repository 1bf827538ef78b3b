"""Broken YAML in words: what is wrong with the text, and where to look."""

from __future__ import annotations

import yaml

OPENERS = {"while parsing a flow sequence": "[", "while parsing a flow mapping": "{"}
NOT_LIKE_THE_LINES_ABOVE = "not indented as the lines above it, or one of these is not closed"
PLAIN_WORDS = {  # PyYAML's, and ours
    "mapping values are not allowed here": (
        "`:` cannot stand here; indent the line as its neighbours, or quote the text"
    ),
    "could not find expected ':'": "expected `key: value`",
}


def explain(error: yaml.MarkedYAMLError, text: str) -> tuple[yaml.Mark | None, str]:
    """Return where to look in `text`, and what is wrong there."""
    mark = error.problem_mark or error.context_mark
    context, problem = error.context or "", error.problem or ""
    if context == "while scanning a quoted scalar":
        return error.context_mark, "this quote is never closed"
    if mark and (quote := _quote_closed_at(mark, text)):
        return (
            quote,
            f"this quote is not closed on its line; the next one is on line {mark.line + 1}",
        )
    if mark and "cannot start any token" in problem:
        return mark, _wrong_start(mark, text)
    if context == "while scanning a block scalar":
        return error.context_mark, "a text that starts with `>` or `|` needs quotes"
    if context in OPENERS:
        return _unclosed(error, OPENERS[context])
    if "'<stream end>'" in problem:
        return error.context_mark, "the text ends before this is closed"
    if "expected <block end>" in problem and mark and not _before(mark, text).strip():
        return mark, NOT_LIKE_THE_LINES_ABOVE
    if problem in PLAIN_WORDS:
        return error.context_mark or mark, PLAIN_WORDS[problem]
    return mark, "not valid YAML: " + ", ".join(filter(None, (context, problem)))


def _wrong_start(mark: yaml.Mark, text: str) -> str:
    character = text[mark.index]
    if character != "\t":
        return f"a text that starts with `{character}` needs quotes"
    indents = not _before(mark, text).strip()
    return "tabs cannot indent; use spaces" if indents else "a tab cannot stand here; use spaces"


def _unclosed(error: yaml.MarkedYAMLError, opener: str) -> tuple[yaml.Mark | None, str]:
    start, mark = error.context_mark, error.problem_mark
    closer = {"[": "]", "{": "}"}[opener]
    if start and mark and mark.line > start.line:
        return start, f"`{opener}` is not closed: `{closer}` or `,` is missing before line " + str(
            mark.line + 1
        )
    return mark, f"expected `,` or `{closer}`"


def _quote_closed_at(mark: yaml.Mark, text: str) -> yaml.Mark | None:
    """Return where a quote opened on an earlier line, if it closes on this one, before `mark`.

    A quote that was forgotten takes the next one of the file for its end, so that YAML finds
    fault there.
    """
    loader, opened = yaml.SafeLoader(text), None
    try:
        while loader.check_token():
            token = loader.get_token()  # type: ignore[no-untyped-call]  # PyYAML has no types here
            if token.start_mark.index >= mark.index:
                break
            if isinstance(token, yaml.ScalarToken) and token.style in ("'", '"'):
                lines = token.start_mark.line, token.end_mark.line
                opened = token.start_mark if lines[0] < lines[1] == mark.line else opened
    except yaml.MarkedYAMLError:
        pass  # the error that is being explained
    finally:
        loader.dispose()
    return opened


def _before(mark: yaml.Mark, text: str) -> str:
    """Return what stands before a mark on its line."""
    return text[: mark.index].rpartition("\n")[2]
