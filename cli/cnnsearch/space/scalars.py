"""Plain scalars as YAML 1.2 reads them: `1e-4` is a number, `no` is a word.

The core schema, section 10.3.2 of the specification.
"""

from __future__ import annotations

import math
import re

NULL = re.compile(r"null|Null|NULL|~|")
BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
WHOLE = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
REAL = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
MAX_DIGITS = 300


def plain_scalar(text: str) -> str | int | float | bool | None:
    """Return what an unquoted scalar means.

    Raises:
        ValueError: It is a number with more digits than any setting can use.
    """
    if NULL.fullmatch(text):
        return None
    if BOOLEAN.fullmatch(text):
        return text.lower() == "true"
    whole, real = WHOLE.fullmatch(text), REAL.fullmatch(text)
    if (whole or real) and len(text) > MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} characters is too long")
    if whole:
        return int(text, 0) if text.startswith(("0o", "0x")) else int(text)
    if real:
        name = text.lower().lstrip("+-.")
        if name in ("inf", "nan"):
            return math.nan if name == "nan" else math.copysign(math.inf, -(text[0] == "-") or 1)
        number = float(text)
        return text if math.isinf(number) else number  # beyond any number: shown as it was written
    return text
