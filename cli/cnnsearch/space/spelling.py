"""The closest right spelling of a word that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def closest(word: str, options: Iterable[str]) -> str | None:
    """Return the option most like `word`, or None where none is near."""
    return next(iter(near(word, options, most=1)), None)


def near(word: str, options: Iterable[str], most: int = 3) -> list[str]:
    """Return the options most like `word`, the closest first."""
    by_folded = {option.lower(): option for option in options}
    found = get_close_matches(word.lower(), list(by_folded), n=most, cutoff=0.6)
    return [by_folded[each] for each in found]


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """Return the end of a message, such as "; did you mean `width`?", or nothing."""
    option = closest(word, options)
    return f"; did you mean `{option}`?" if option else ""
