"""The closest right spelling of a word that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import PurePath


def closest(word: str, options: Iterable[str], compared: Callable[[str], str] = str) -> str | None:
    """Return the option most like `word`, or None where none is near."""
    return next(iter(near(word, options, most=1, compared=compared)), None)


def near(
    word: str, options: Iterable[str], most: int = 3, compared: Callable[[str], str] = str
) -> list[str]:
    """Return the options most like `word` by what is `compared` of both, the closest first."""
    by_folded = dict[str, str]()
    for option in options:
        by_folded.setdefault(compared(option).lower(), option)
    found = get_close_matches(compared(word).lower(), list(by_folded), n=most, cutoff=0.6)
    return [by_folded[each] for each in found]


def stem(name: str) -> str:
    """Return what tells a search space from others: no folder, no suffix."""
    path = PurePath(name)
    return path.stem if path.suffix in (".yaml", ".yml") else path.name


def did_you_mean(word: str, options: Iterable[str], compared: Callable[[str], str] = str) -> str:
    """Return the end of a message, such as "; did you mean `width`?", or nothing."""
    option = closest(word, options, compared)
    return f"; did you mean `{option}`?" if option else ""
