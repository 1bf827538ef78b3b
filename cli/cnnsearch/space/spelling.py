"""The closest right spelling of a word that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def closest(word: str, options: Iterable[str]) -> str | None:
    """Return the option most like `word`, or None where none is near."""
    by_folded = {option.lower(): option for option in options}
    found = get_close_matches(word.lower(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """Return the end of a message, such as "; did you mean `width`?", or nothing."""
    option = closest(word, options)
    return f"; did you mean `{option}`?" if option else ""
