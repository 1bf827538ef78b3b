"""The Wilson score interval of a proportion (Wilson 1927, J. Am. Stat. Assoc. 22:209)."""

from __future__ import annotations

from math import sqrt

Z_95 = 1.959964  # two-sided 95 % of the normal distribution


def wilson_interval(correct: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of an accuracy of `correct` out of `count` examples.

    Raises:
        ValueError: `count` is not positive or `correct` is not within it.
    """
    if count <= 0 or not 0 <= correct <= count:
        raise ValueError(f"{correct} of {count} is no proportion")
    share = correct / count
    scale = 1 + Z_95**2 / count
    middle = (share + Z_95**2 / (2 * count)) / scale
    half = Z_95 * sqrt(share * (1 - share) / count + Z_95**2 / (4 * count**2)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)
